#include "server/engine/terminator.h"

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <set>
#include <thread>

#include "server/engine/engine.h"
#include "tests/unit/engine/fakes.h"

namespace adieu::engine {
namespace {

using Answer = base::Result<v1::Termination>;
constexpr auto kNoDeadline = std::chrono::system_clock::time_point::max();

class TerminatorTest : public testing::Test {
 protected:
  TerminatorTest() { engine_.Connect(&port_, {"192.0.2.1:5060"}); }

  void Ring(const std::string& id, const std::string& sip_call_id = "") {
    engine_.OnCall(MakeCall(id, v1::CALL_STATE_RINGING, sip_call_id));
  }
  static v1::TerminateCallRequest Request(const std::string& id, const std::string& request_id = "") {
    v1::TerminateCallRequest request;
    request.set_name("calls/" + id);
    request.set_request_id(request_id);
    return request;
  }
  std::shared_ptr<Ticket> Ask(const v1::TerminateCallRequest& request, const std::string& principal = "me") {
    return engine_.terminator().Terminate(request, principal, kNoDeadline,
                                          [this](Answer answer) { answers_.Put(std::move(answer)); });
  }
  // The answer's error, `ok`, or `none`.
  std::string AnswerReason() {
    const auto answer = answers_.Take();
    return !answer ? "none" : answer->ok() ? "ok" : answer->error().reason;
  }
  // The agent reports on the next order.
  sip::EndOrder Report(v1::LegOutcome outcome) {
    sip::EndOrder order = *port_.orders.Take();
    engine_.OnLegEnding(order.termination, order.call, MakeLeg(outcome));
    return order;
  }
  // Every worker is busy until the returned promise is set.
  std::promise<void> HoldWorker() {
    std::promise<void> release;
    std::promise<void> held;
    engine_.terminator().EndByTrigger(
        "calls/none", v1::TRIGGER_DRAIN,
        [&held, released = std::make_shared<std::future<void>>(release.get_future())](const Answer&) {
          held.set_value();
          released->wait_for(kPatience);
        });
    EXPECT_EQ(held.get_future().wait_for(kPatience), std::future_status::ready);
    return release;
  }
  bool Counts(const std::string& line) { return metrics_.Text().find(line) != std::string::npos; }
  void Settle() {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (engine_.terminator().pending() > 0 && std::chrono::steady_clock::now() < deadline) {
      store_->Flush(deadline);
    }
    EXPECT_EQ(engine_.terminator().pending(), 0u);
  }

  metrics::Metrics metrics_{"test"};
  FakePort port_;
  Inbox<Answer> answers_;
  std::unique_ptr<store::Store> store_ = store::OpenMemory();
  Engine engine_{Engine::Options{.queue = 3, .workers = 1}, store_.get(), &metrics_};
};

TEST_F(TerminatorTest, EndsACall) {
  Ring("a");
  v1::TerminateCallRequest request = Request("a");
  request.set_intent(v1::INTENT_BUSY);
  request.set_note("why not");
  Ask(request);
  const sip::EndOrder order = *port_.orders.Take();
  EXPECT_EQ(order.call, "calls/a");
  EXPECT_EQ(order.ending.status_code, 486);
  EXPECT_EQ(engine_.registry().Find("calls/a")->termination(), order.termination);
  EXPECT_EQ(answers_.size(), 0u);

  engine_.OnLegEnding(order.termination, order.call, MakeLeg(v1::LEG_OUTCOME_SENT, 486));
  const auto answer = answers_.Take();
  ASSERT_TRUE(answer && answer->ok());
  const v1::Termination& termination = **answer;
  EXPECT_EQ(termination.name(), order.termination);
  EXPECT_EQ(termination.call(), "calls/a");
  EXPECT_EQ(termination.trigger(), v1::TRIGGER_REQUEST);
  EXPECT_EQ(termination.intent(), v1::INTENT_BUSY);
  EXPECT_EQ(termination.policy(), "cancelPolicies/builtin");
  EXPECT_EQ(termination.rule(), "busy");
  EXPECT_EQ(termination.principal(), "me");
  EXPECT_EQ(termination.note(), "why not");
  ASSERT_EQ(termination.legs_size(), 1);
  EXPECT_EQ(termination.legs(0).outcome(), v1::LEG_OUTCOME_SENT);

  engine_.OnLegEnding(order.termination, order.call, MakeLeg(v1::LEG_OUTCOME_ENDED, 486));
  Settle();
  EXPECT_EQ(store_->Get(order.termination)->legs(0).outcome(), v1::LEG_OUTCOME_ENDED);
  EXPECT_TRUE(
      Counts("adieu_terminations_total{action=\"final_response\",intent=\"busy\","
             "outcome=\"ended\",trigger=\"request\"} 1"))
      << metrics_.Text();
  EXPECT_TRUE(Counts("adieu_queue_rejected_total 0"));
}

TEST_F(TerminatorTest, WaitEndedWaitsForTheEnd) {
  Ring("a");
  v1::TerminateCallRequest request = Request("a");
  request.set_wait(v1::WAIT_ENDED);
  Ask(request);
  const sip::EndOrder order = Report(v1::LEG_OUTCOME_SENT);
  store_->Flush(std::chrono::steady_clock::now() + kPatience);
  EXPECT_EQ(answers_.size(), 0u);
  engine_.OnLegEnding(order.termination, order.call, MakeLeg(v1::LEG_OUTCOME_ENDED));
  const auto answer = answers_.Take();
  ASSERT_TRUE(answer && answer->ok());
  EXPECT_EQ((*answer)->legs(0).outcome(), v1::LEG_OUTCOME_ENDED);
}

TEST_F(TerminatorTest, BySipCallId) {
  Ring("a", "x");
  v1::TerminateCallRequest request;
  request.set_sip_call_id("x");
  Ask(request);
  EXPECT_EQ(Report(v1::LEG_OUTCOME_SENT).call, "calls/a");
  EXPECT_EQ(AnswerReason(), "ok");
}

TEST_F(TerminatorTest, ARefusedRequestDoesNothing) {
  Ring("a");
  Ring("twin1", "x");
  Ring("twin2", "x");
  engine_.OnCall(MakeCall("gone", v1::CALL_STATE_TERMINATED));
  engine_.OnCall(MakeCall("leaving", v1::CALL_STATE_TERMINATING));
  v1::TerminateCallRequest ambiguous;
  ambiguous.set_sip_call_id("x");
  v1::TerminateCallRequest unknown_call_id;
  unknown_call_id.set_sip_call_id("y");
  v1::TerminateCallRequest bad = Request("a");
  bad.mutable_treatment()->mutable_final_response()->set_status_code(200);
  v1::TerminateCallRequest with_policy = Request("a");
  with_policy.set_policy("cancelPolicies/mine");
  v1::TerminateCallRequest to_us = Request("a");
  to_us.mutable_treatment()->mutable_redirect()->add_contacts("sip:bob@192.0.2.1:5060");
  const struct {
    v1::TerminateCallRequest request;
    const char* reason;
  } cases[] = {
      {{}, "INVALID_FIELD"},
      {Request("none"), "CALL_NOT_FOUND"},
      {unknown_call_id, "CALL_NOT_FOUND"},
      {Request("gone"), "CALL_TERMINATED"},
      {Request("leaving"), "CALL_TERMINATING"},
      {ambiguous, "AMBIGUOUS"},
      {bad, "INVALID_FIELD"},
      {with_policy, "POLICY_NOT_FOUND"},
      {to_us, "INVALID_FIELD"},
  };
  for (const auto& c : cases) {
    Ask(c.request);
    EXPECT_EQ(AnswerReason(), c.reason);
  }
  EXPECT_EQ(port_.orders.size(), 0u);
  EXPECT_EQ(engine_.terminator().pending(), 0u);
  EXPECT_EQ(engine_.registry().Find("calls/a")->termination(), "");
}

TEST_F(TerminatorTest, OnlyOneTerminationPerCall) {
  Ring("a");
  Ask(Request("a"));
  Ask(Request("a"));
  EXPECT_EQ(AnswerReason(), "CALL_TERMINATING");
  Report(v1::LEG_OUTCOME_SENT);
  EXPECT_EQ(AnswerReason(), "ok");
  EXPECT_EQ(port_.orders.size(), 0u);
}

TEST_F(TerminatorTest, ValidateOnlySendsAndRecordsNothing) {
  Ring("a");
  v1::TerminateCallRequest request = Request("a", "id");
  request.set_validate_only(true);
  request.set_intent(v1::INTENT_BUSY);
  Ask(request);
  const auto answer = answers_.Take();
  ASSERT_TRUE(answer && answer->ok());
  EXPECT_EQ((*answer)->name(), "");
  ASSERT_EQ((*answer)->legs_size(), 1);
  EXPECT_EQ((*answer)->legs(0).status_code(), 486);
  EXPECT_EQ((*answer)->legs(0).outcome(), v1::LEG_OUTCOME_UNSPECIFIED);
  EXPECT_EQ(port_.orders.size(), 0u);
  EXPECT_EQ(engine_.registry().Find("calls/a")->termination(), "");
  EXPECT_FALSE(store_->FindRequest("TerminateCall", "me", "id"));
}

TEST_F(TerminatorTest, ARetryGetsTheFirstAnswer) {
  Ring("a");
  Ask(Request("a", "id"));
  const sip::EndOrder order = *port_.orders.Take();
  Ask(Request("a", "id"));
  EXPECT_EQ(answers_.size(), 0u) << "both wait for the same order";
  engine_.OnLegEnding(order.termination, order.call, MakeLeg(v1::LEG_OUTCOME_SENT));
  for (int i = 0; i < 2; ++i) {
    const auto answer = answers_.Take();
    ASSERT_TRUE(answer && answer->ok());
    EXPECT_EQ((*answer)->name(), order.termination);
  }
  // While it is SENT a retry that waits for the end is not answered.
  v1::TerminateCallRequest patient = Request("a", "id");
  patient.set_wait(v1::WAIT_ENDED);
  Ask(patient);
  engine_.OnLegEnding(order.termination, order.call, MakeLeg(v1::LEG_OUTCOME_ENDED));
  EXPECT_EQ((*answers_.Take())->legs(0).outcome(), v1::LEG_OUTCOME_ENDED);
  engine_.OnCall(MakeCall("a", v1::CALL_STATE_TERMINATED));
  Settle();
  Ask(Request("a", "id"));
  const auto late = answers_.Take();
  ASSERT_TRUE(late && late->ok());
  EXPECT_EQ((*late)->name(), order.termination);
  EXPECT_EQ((*late)->legs(0).outcome(), v1::LEG_OUTCOME_ENDED) << "as it is now";
  EXPECT_EQ(port_.orders.size(), 0u);
}

TEST_F(TerminatorTest, ARequestIdStandsForOneRequest) {
  Ring("a");
  Ring("b");
  Ask(Request("a", "id"));
  Report(v1::LEG_OUTCOME_SENT);
  EXPECT_EQ(AnswerReason(), "ok");
  Ask(Request("b", "id"));
  EXPECT_EQ(AnswerReason(), "REQUEST_ID_REUSED");
  v1::TerminateCallRequest other = Request("a", "id");
  other.set_note("another");
  Ask(other);
  EXPECT_EQ(AnswerReason(), "REQUEST_ID_REUSED");
  EXPECT_EQ(engine_.registry().Find("calls/b")->termination(), "");
  Ask(Request("b", "id"), "somebody else");
  Report(v1::LEG_OUTCOME_SENT);
  EXPECT_EQ(AnswerReason(), "ok") << "ids of others do not count";
}

TEST_F(TerminatorTest, AnOrderInFlightHasItsRequestId) {
  Ring("a");
  Ring("b");
  Ask(Request("a", "id"));
  const sip::EndOrder order = *port_.orders.Take();
  EXPECT_FALSE(store_->FindRequest("TerminateCall", "me", "id")) << "nothing was reported yet";
  Ask(Request("b", "id"));
  EXPECT_EQ(AnswerReason(), "REQUEST_ID_REUSED");
  Ask(Request("a", "id"));
  EXPECT_EQ(answers_.size(), 0u);
  engine_.OnLegEnding(order.termination, order.call, MakeLeg(v1::LEG_OUTCOME_SENT));
  for (int i = 0; i < 2; ++i) EXPECT_EQ((*answers_.Take())->name(), order.termination);
  EXPECT_EQ(store_->FindRequest("TerminateCall", "me", "id")->resource, order.termination);
}

TEST_F(TerminatorTest, AListHasWhatIsInFlight) {
  Ring("a");
  Ask(Request("a"));
  const sip::EndOrder order = *port_.orders.Take();
  auto listed = engine_.ListTerminations({});
  ASSERT_TRUE(listed.ok());
  ASSERT_EQ(listed->terminations_size(), 1);
  EXPECT_EQ(listed->terminations(0).name(), order.termination);
  EXPECT_EQ(listed->terminations(0).legs_size(), 0);
  for (const v1::LegOutcome outcome : {v1::LEG_OUTCOME_SENT, v1::LEG_OUTCOME_ENDED}) {
    engine_.OnLegEnding(order.termination, order.call, MakeLeg(outcome));
    listed = engine_.ListTerminations({});
    ASSERT_EQ(listed->terminations_size(), 1);
    EXPECT_EQ(listed->terminations(0).legs(0).outcome(), outcome);
  }
}

TEST_F(TerminatorTest, AnOrderWithoutReportsIsRecordedSoon) {
  Ring("a");
  Ask(Request("a", "id"));
  const sip::EndOrder order = *port_.orders.Take();
  engine_.terminator().Tick(Terminator::Clock::now());
  engine_.terminator().Tick(Terminator::Clock::now() + Terminator::kRecordAfter);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!store_->FindRequest("TerminateCall", "me", "id") && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  const auto record = store_->Get(order.termination);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->legs_size(), 0);
  store_->Flush(deadline);
  EXPECT_EQ(answers_.size(), 0u) << "the leg was not reported";
  engine_.OnLegEnding(order.termination, order.call, MakeLeg(v1::LEG_OUTCOME_ENDED));
  EXPECT_EQ(AnswerReason(), "ok");
  Settle();
  EXPECT_EQ(store_->Get(order.termination)->legs(0).outcome(), v1::LEG_OUTCOME_ENDED);
}

TEST_F(TerminatorTest, ARefusedRequestLeavesItsIdFree) {
  Ask(Request("a", "id"));
  EXPECT_EQ(AnswerReason(), "CALL_NOT_FOUND");
  Ring("a");
  Ask(Request("a", "id"));
  Report(v1::LEG_OUTCOME_SENT);
  EXPECT_EQ(AnswerReason(), "ok");
}

TEST_F(TerminatorTest, AFullQueueRefuses) {
  for (const char* id : {"a", "b", "c", "d"}) Ring(id);
  std::promise<void> release = HoldWorker();
  EXPECT_TRUE(Ask(Request("a")));
  EXPECT_TRUE(Ask(Request("b")));
  EXPECT_TRUE(Ask(Request("c")));
  EXPECT_FALSE(Ask(Request("d")));
  release.set_value();
  std::set<std::string> ended;
  for (int i = 0; i < 3; ++i) ended.insert(Report(v1::LEG_OUTCOME_SENT).call);
  EXPECT_EQ(ended, (std::set<std::string>{"calls/a", "calls/b", "calls/c"}));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(AnswerReason(), "ok");
  EXPECT_TRUE(Counts("adieu_queue_rejected_total 1")) << metrics_.Text();
}

TEST_F(TerminatorTest, AFullAgentRefusesAndTheCallStaysFree) {
  Ring("a");
  port_.Refuse(1);
  Ask(Request("a", "id"));
  const auto refused = answers_.Take();
  ASSERT_TRUE(refused && !refused->ok());
  EXPECT_EQ(refused->error().reason, "QUEUE_FULL");
  EXPECT_TRUE(refused->error().retry_after);
  EXPECT_EQ(engine_.registry().Find("calls/a")->termination(), "");
  EXPECT_EQ(engine_.terminator().pending(), 0u);
  Ask(Request("a", "id"));
  Report(v1::LEG_OUTCOME_SENT);
  EXPECT_EQ(AnswerReason(), "ok");
  EXPECT_TRUE(Counts("adieu_queue_rejected_total 1"));
}

TEST_F(TerminatorTest, CancelledBeforeAWorkerTookIt) {
  Ring("a");
  Ring("b");
  std::promise<void> release = HoldWorker();
  const auto ticket = Ask(Request("a"));
  Ask(Request("b"));
  EXPECT_TRUE(ticket->Cancel());
  release.set_value();
  EXPECT_EQ(Report(v1::LEG_OUTCOME_SENT).call, "calls/b");
  EXPECT_EQ(AnswerReason(), "ok");
  EXPECT_EQ(port_.orders.size(), 0u);
  EXPECT_EQ(engine_.registry().Find("calls/a")->termination(), "");
}

TEST_F(TerminatorTest, CancelledTooLateIsCarriedOut) {
  Ring("a");
  const auto ticket = Ask(Request("a"));
  const sip::EndOrder order = *port_.orders.Take();
  EXPECT_FALSE(ticket->Cancel());
  engine_.OnLegEnding(order.termination, order.call, MakeLeg(v1::LEG_OUTCOME_ENDED));
  EXPECT_EQ(AnswerReason(), "ok");
}

TEST_F(TerminatorTest, PastTheDeadlineNothingIsDone) {
  Ring("a");
  engine_.terminator().Terminate(Request("a"), "me", std::chrono::system_clock::now(),
                                 [this](Answer answer) { answers_.Put(std::move(answer)); });
  EXPECT_EQ(AnswerReason(), "DEADLINE_EXCEEDED");
  EXPECT_EQ(port_.orders.size(), 0u);
}

TEST_F(TerminatorTest, AnAgentThatNeverReportsIsGivenUp) {
  Ring("a");
  Ask(Request("a"));
  const sip::EndOrder order = *port_.orders.Take();
  engine_.terminator().Tick(Terminator::Clock::now() + std::chrono::seconds(60));
  EXPECT_EQ(answers_.size(), 0u);
  engine_.terminator().Tick(Terminator::Clock::now() + std::chrono::seconds(121));
  const auto answer = answers_.Take();
  ASSERT_TRUE(answer && answer->ok());
  EXPECT_EQ((*answer)->legs(0).outcome(), v1::LEG_OUTCOME_FAILED);
  Settle();
  EXPECT_EQ(store_->Get(order.termination)->legs(0).outcome(), v1::LEG_OUTCOME_FAILED);
  EXPECT_TRUE(Counts("outcome=\"failed\""));
}

TEST_F(TerminatorTest, ARingTimeoutEndsTheCall) {
  Ring("a");
  port_.Refuse(1);
  engine_.OnRingTimeout("calls/a");
  // Refused by a full agent, it is tried again with the next tick.
  std::optional<sip::EndOrder> order;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!order && std::chrono::steady_clock::now() < deadline) {
    order = port_.orders.Take(std::chrono::milliseconds(10));
    engine_.terminator().Tick(Terminator::Clock::now());
  }
  ASSERT_TRUE(order);
  EXPECT_EQ(order->ending.status_code, 480);
  engine_.OnLegEnding(order->termination, order->call, MakeLeg(v1::LEG_OUTCOME_ENDED));
  Settle();
  const v1::Termination termination = *store_->Get(order->termination);
  EXPECT_EQ(termination.trigger(), v1::TRIGGER_RING_TIMEOUT);
  EXPECT_EQ(termination.intent(), v1::INTENT_TRY_LATER);
  EXPECT_EQ(termination.principal(), "adieu");
  EXPECT_TRUE(Counts("adieu_queue_rejected_total 0")) << "no client was refused";
}

TEST_F(TerminatorTest, AClosedStoreDoesNotHoldBackTheAnswer) {
  Ring("a");
  store_->Close();
  Ask(Request("a"));
  Report(v1::LEG_OUTCOME_ENDED);
  EXPECT_EQ(AnswerReason(), "ok");
  EXPECT_EQ(engine_.terminator().pending(), 0u);
}

// Many clients, several workers, an agent on a thread of its own.
class TerminatorRaceTest : public testing::Test {
 protected:
  TerminatorRaceTest() { engine_.Connect(&port_, {}); }

  metrics::Metrics metrics_{"test"};
  FakePort port_;
  std::unique_ptr<store::Store> store_ = store::OpenMemory();
  Engine engine_{Engine::Options{.queue = 100'000, .workers = 4}, store_.get(), &metrics_};
  ObedientAgent agent_{&port_, &engine_};
};

TEST_F(TerminatorRaceTest, RacingRetriesAreOneTermination) {
  constexpr int kCalls = 50;
  constexpr int kRetries = 8;
  Inbox<std::pair<std::string, std::string>> answers;
  for (int i = 0; i < kCalls; ++i) engine_.OnCall(MakeCall(std::to_string(i)));
  std::vector<std::thread> clients;
  for (int c = 0; c < kRetries; ++c) {
    clients.emplace_back([&, c] {
      for (int i = 0; i < kCalls; ++i) {
        v1::TerminateCallRequest request;
        // The same request by the same words: the Call-ID resolves to another key once the call is gone.
        request.set_sip_call_id(std::to_string(i) + "@host");
        request.set_request_id("id" + std::to_string(i));
        request.set_wait(c % 2 == 0 ? v1::WAIT_SENT : v1::WAIT_ENDED);
        engine_.terminator().Terminate(
            request, "me", kNoDeadline, [&answers, id = request.request_id()](const Answer& answer) {
              answers.Put({id, answer.ok() ? answer->name() : answer.error().reason});
            });
      }
    });
  }
  for (auto& client : clients) client.join();
  std::map<std::string, std::set<std::string>> names;
  for (int i = 0; i < kCalls * kRetries; ++i) {
    const auto answer = answers.Take();
    ASSERT_TRUE(answer);
    names[answer->first].insert(answer->second);
  }
  for (const auto& [id, same] : names) {
    EXPECT_EQ(same.size(), 1u) << id;
    EXPECT_EQ(same.begin()->substr(0, 13), "terminations/") << id;
  }
}

TEST_F(TerminatorRaceTest, OfRacingRequestsOneWins) {
  constexpr int kCalls = 100;
  Inbox<std::string> answers;
  for (int i = 0; i < kCalls; ++i) engine_.OnCall(MakeCall(std::to_string(i)));
  std::vector<std::thread> clients;
  for (int c = 0; c < 4; ++c) {
    clients.emplace_back([&] {
      for (int i = 0; i < kCalls; ++i) {
        v1::TerminateCallRequest request;
        request.set_name("calls/" + std::to_string(i));
        engine_.terminator().Terminate(request, "me", kNoDeadline, [&answers](const Answer& answer) {
          answers.Put(answer.ok() ? "ok" : answer.error().reason);
        });
      }
    });
  }
  for (auto& client : clients) client.join();
  int won = 0;
  for (int i = 0; i < 4 * kCalls; ++i) {
    const std::string answer = answers.Take().value_or("none");
    if (answer == "ok") {
      ++won;
    } else {
      EXPECT_TRUE(answer == "CALL_TERMINATING" || answer == "CALL_TERMINATED") << answer;
    }
  }
  EXPECT_EQ(won, kCalls);
}

}  // namespace
}  // namespace adieu::engine
