#include "server/engine/triggers.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "server/engine/engine.h"
#include "tests/unit/engine/fakes.h"

namespace adieu::engine {
namespace {

using sip::Verdict;
using testing::HasSubstr;
using testing::Not;

constexpr char kKilled[] = "Q.850;cause=16;text=\"Normal call clearing\"";

class TriggersTest : public testing::Test {
 protected:
  TriggersTest() { engine_.Connect(&port_, {}); }

  // The policies in text format; without a mode they are enforced.
  void Load(const std::vector<std::string>& texts) {
    std::vector<v1::CancelPolicy> policies;
    for (const std::string& text : texts) {
      v1::CancelPolicy& policy = policies.emplace_back();
      ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &policy)) << text;
      if (policy.mode() == v1::CANCEL_POLICY_MODE_UNSPECIFIED) {
        policy.set_mode(v1::CANCEL_POLICY_MODE_ENFORCED);
      }
    }
    const auto error = engine_.policies().Load({}, std::move(policies), {});
    ASSERT_FALSE(error) << error->message;
  }

  // A call that rings at its callee; nothing but its caller when `has_callee` is false.
  void Ring(const std::string& id, bool has_callee = true) {
    v1::Call call = MakeCall(id);
    if (has_callee) {
      call.mutable_callee()->set_sip_call_id(id + "@callee");
      call.mutable_callee()->set_state(v1::CALL_STATE_RINGING);
    }
    engine_.OnCall(call);
  }

  // The callee fails with this status; its leg is over, as the agents tell it.
  Verdict Fail(const std::string& id, int status, const std::string& reason = "") {
    v1::Call change;
    change.set_name("calls/" + id);
    change.mutable_callee()->set_state(v1::CALL_STATE_TERMINATED);
    change.mutable_callee()->set_last_status_code(status);
    engine_.OnCall(change);
    return engine_.OnFarEndFailure("calls/" + id, status, reason);
  }

  // What is recorded of an order once its caller leg was reported.
  v1::Termination Record(const sip::EndOrder& order) {
    engine_.OnLegEnding(order.termination, order.call,
                        MakeLeg(v1::LEG_OUTCOME_SENT, order.ending.status_code));
    engine_.OnLegEnding(order.termination, order.call,
                        MakeLeg(v1::LEG_OUTCOME_ENDED, order.ending.status_code));
    const auto page = engine_.ListTerminations({});
    EXPECT_TRUE(page.ok());
    for (const v1::Termination& termination : page->terminations()) {
      if (termination.name() == order.termination) return termination;
    }
    ADD_FAILURE() << "not recorded";
    return {};
  }

  std::string Metrics() { return metrics_.Text(); }

  metrics::Metrics metrics_{"test"};
  FakePort port_;
  std::unique_ptr<store::Store> store_ = store::OpenMemory();
  Engine engine_{Engine::Options{.queue = 3, .workers = 1}, store_.get(), &metrics_};
};

TEST_F(TriggersTest, WithoutPoliciesNothingIsAskedAndEverythingGoesOn) {
  Load({});
  Ring("a");
  EXPECT_EQ(engine_.OnArrival("calls/a"), Verdict::kGoOn);
  EXPECT_EQ(engine_.OnCallerCancel("calls/a"), std::nullopt);
  EXPECT_EQ(Fail("a", 480, kKilled), Verdict::kGoOn);
  EXPECT_EQ(port_.orders.size(), 0U);
  EXPECT_THAT(Metrics(), HasSubstr("adieu_policy_evaluation_seconds_count 0\n"));
  EXPECT_THAT(Metrics(), Not(HasSubstr("adieu_policy_decisions_total{")));
}

TEST_F(TriggersTest, AnArrivalIsHeldAndEnded) {
  Load({R"(name: "cancelPolicies/night" etag: "x"
           rules { id: "closed" triggers: TRIGGER_ARRIVAL treatment { as_intent: INTENT_BUSY } })"});
  Ring("a", false);
  ASSERT_EQ(engine_.OnArrival("calls/a"), Verdict::kHold);
  const sip::EndOrder order = *port_.orders.Take();
  EXPECT_EQ(order.call, "calls/a");
  EXPECT_EQ(order.ending.status_code, 486);
  EXPECT_FALSE(order.has_callee);
  EXPECT_EQ(engine_.registry().Find("calls/a")->termination(), order.termination);
  const v1::Termination termination = Record(order);
  EXPECT_EQ(termination.name(), order.termination);
  EXPECT_EQ(termination.trigger(), v1::TRIGGER_ARRIVAL);
  EXPECT_EQ(termination.intent(), v1::INTENT_QUIET);
  EXPECT_EQ(termination.policy(), "cancelPolicies/night");
  EXPECT_FALSE(termination.policy_etag().empty());
  EXPECT_EQ(termination.rule(), "closed");
  EXPECT_EQ(termination.treatment().final_response().status_code(), 486);
  EXPECT_EQ(termination.principal(), "adieu");
  EXPECT_THAT(Metrics(),
              HasSubstr("adieu_policy_decisions_total{mode=\"enforced\",policy=\"night\",rule=\"\","
                        "trigger=\"arrival\"} 1\n"));
  EXPECT_THAT(Metrics(), HasSubstr("adieu_policy_evaluation_seconds_count 1\n"));
}

TEST_F(TriggersTest, ProceedLetsTheCallGoOn) {
  Load({R"(name: "cancelPolicies/vip" priority: 1
           rules { id: "in" triggers: TRIGGER_ARRIVAL match { from_uri { prefix: "sip:alice" } }
                   treatment { proceed {} } })",
        R"(name: "cancelPolicies/all" rules { id: "no" triggers: TRIGGER_ARRIVAL
                   treatment { as_intent: INTENT_FORBIDDEN } })"});
  Ring("a", false);
  EXPECT_EQ(engine_.OnArrival("calls/a"), Verdict::kGoOn);
  EXPECT_EQ(port_.orders.size(), 0U);
  EXPECT_THAT(Metrics(), HasSubstr("policy=\"vip\""));
  EXPECT_THAT(Metrics(), Not(HasSubstr("policy=\"all\"")));
}

TEST_F(TriggersTest, AFailureIsDecidedByWhatTheFarEndSaidNow) {
  Load({R"(name: "cancelPolicies/kills" rules { id: "k" triggers: TRIGGER_FAR_END_FAILURE
             match { all_of { matches { far_end_status { min: 480 } }
                              matches { far_end_reason { q850_cause: 16 } } } }
             treatment { final_response { status_code: 487 reason_phrase: "Bye" } } })"});
  Ring("a");
  // An earlier target said something else.
  v1::Call change;
  change.set_name("calls/a");
  change.mutable_callee()->set_last_status_code(503);
  v1::Header* header = change.mutable_callee()->add_headers();
  header->set_name("Reason");
  header->set_value("Q.850;cause=41");
  engine_.OnCall(change);
  ASSERT_EQ(Fail("a", 480, kKilled), Verdict::kHold);
  const sip::EndOrder order = *port_.orders.Take();
  EXPECT_EQ(order.ending.status_code, 487);
  EXPECT_FALSE(order.has_callee);
  const v1::Termination termination = Record(order);
  EXPECT_EQ(termination.legs_size(), 1);
  EXPECT_EQ(termination.trigger(), v1::TRIGGER_FAR_END_FAILURE);
  EXPECT_THAT(Metrics(), HasSubstr("adieu_far_end_rewrites_total{from=\"480\",to=\"487\"} 1\n"));

  Ring("b");
  EXPECT_EQ(Fail("b", 480), Verdict::kGoOn);
  Ring("c");
  EXPECT_EQ(Fail("c", 480, "Q.850;cause=18"), Verdict::kGoOn);
  Ring("d");
  EXPECT_EQ(Fail("d", 486, kKilled), Verdict::kGoOn);
  EXPECT_EQ(port_.orders.size(), 0U);
}

TEST_F(TriggersTest, AFarEndThatWasNeverCalledIsNoLeg) {
  Load({R"(name: "cancelPolicies/any" rules { id: "r" triggers: TRIGGER_FAR_END_FAILURE
             treatment { as_intent: INTENT_NOT_FOUND } })"});
  Ring("a", false);
  ASSERT_EQ(engine_.OnFarEndFailure("calls/a", 500, ""), Verdict::kHold);
  const sip::EndOrder order = *port_.orders.Take();
  EXPECT_FALSE(order.has_callee);
  EXPECT_EQ(Record(order).legs_size(), 1);
  EXPECT_THAT(Metrics(), HasSubstr("adieu_far_end_rewrites_total{from=\"500\",to=\"404\"} 1\n"));
}

TEST_F(TriggersTest, CodesThatARuleMustNamePassACatchAll) {
  Load({R"(name: "cancelPolicies/any" rules { id: "r" triggers: TRIGGER_FAR_END_FAILURE
             treatment { as_intent: INTENT_QUIET } })",
        R"(name: "cancelPolicies/named" priority: -1 rules { id: "r" triggers: TRIGGER_FAR_END_FAILURE
             match { far_end_status { min: 302 } } treatment { as_intent: INTENT_MOVED } })"});
  for (const int code : {401, 407, 422, 300, 301, 305, 380}) {
    const std::string id = "c" + std::to_string(code);
    Ring(id);
    EXPECT_EQ(Fail(id, code), Verdict::kGoOn) << code;
  }
  Ring("named");
  ASSERT_EQ(Fail("named", 302), Verdict::kHold);
  EXPECT_EQ(port_.orders.Take()->ending.status_code, 410);
}

TEST_F(TriggersTest, RelayLetsTheFailureGoOnAsItIs) {
  Load({R"(name: "cancelPolicies/busy" priority: 1 rules { id: "r" triggers: TRIGGER_FAR_END_FAILURE
             match { far_end_status { min: 486 } } treatment { relay {} } })",
        R"(name: "cancelPolicies/any" rules { id: "r" triggers: TRIGGER_FAR_END_FAILURE
             treatment { as_intent: INTENT_QUIET } })"});
  Ring("a");
  EXPECT_EQ(Fail("a", 486), Verdict::kGoOn);
  EXPECT_EQ(port_.orders.size(), 0U);
}

TEST_F(TriggersTest, AnOrderUnderWayIsNotOvertaken) {
  Load({R"(name: "cancelPolicies/any" rules { id: "r" triggers: TRIGGER_FAR_END_FAILURE
             treatment { as_intent: INTENT_QUIET } })"});
  Ring("a");
  ASSERT_FALSE(engine_.registry().Claim("calls/a", "terminations/other", v1::TRIGGER_REQUEST));
  EXPECT_EQ(Fail("a", 480), Verdict::kGoOn);
}

TEST_F(TriggersTest, WhoClaimsAHeldCallFirstEndsIt) {
  Load({R"(name: "cancelPolicies/any" rules { id: "r" triggers: TRIGGER_ARRIVAL
             treatment { as_intent: INTENT_QUIET } })"});
  Ring("a", false);
  v1::Call call = *engine_.registry().Find("calls/a");
  ASSERT_FALSE(engine_.registry().Claim("calls/a", "terminations/other", v1::TRIGGER_REQUEST));
  EXPECT_EQ(engine_.OnArrival("calls/a"), Verdict::kHold);
  // The worker is done with it when it did the next thing.
  Inbox<int> done;
  engine_.terminator().EndByTrigger("calls/none", v1::TRIGGER_DRAIN, [&](const auto&) { done.Put(1); });
  ASSERT_TRUE(done.Take());
  EXPECT_EQ(port_.orders.size(), 0U);
  EXPECT_EQ(port_.releases.size(), 0U);
  EXPECT_EQ(engine_.registry().Find("calls/a")->termination(), "terminations/other");
  // Nothing was decided about it.
  EXPECT_THAT(Metrics(), Not(HasSubstr("policy=\"any\"")));
}

TEST_F(TriggersTest, AFullQueueLetsTheCallGoOn) {
  Load({R"(name: "cancelPolicies/any" rules { id: "r" triggers: TRIGGER_ARRIVAL
             treatment { as_intent: INTENT_QUIET } })"});
  Ring("a", false);
  port_.Refuse(1);
  EXPECT_EQ(engine_.OnArrival("calls/a"), Verdict::kHold);
  EXPECT_EQ(port_.releases.Take(), "calls/a");
  EXPECT_EQ(engine_.registry().Find("calls/a")->termination(), "");
}

TEST_F(TriggersTest, ACalleeIsToldWhatAPolicySays) {
  Load({R"(name: "cancelPolicies/elsewhere" rules { id: "r" triggers: TRIGGER_CALLER_CANCEL
             match { to_uri { prefix: "sip:bob" } }
             treatment { cancel_reasons { sip_status: 200 text: "Call completed elsewhere" } } })"});
  Ring("a");
  EXPECT_EQ(engine_.OnCallerCancel("calls/a"), "SIP;cause=200;text=\"Call completed elsewhere\"");
  EXPECT_EQ(engine_.OnCallerCancel("calls/none"), std::nullopt);
  EXPECT_THAT(Metrics(), HasSubstr("policy=\"elsewhere\",rule=\"\",trigger=\"caller_cancel\"} 1\n"));
}

TEST_F(TriggersTest, ShadowChangesNothingAndIsCountedAndRecorded) {
  Load({R"(name: "cancelPolicies/trial" mode: CANCEL_POLICY_MODE_SHADOW priority: 5
           rules { id: "r" triggers: TRIGGER_FAR_END_FAILURE triggers: TRIGGER_ARRIVAL triggers: TRIGGER_REQUEST
                   treatment { as_intent: INTENT_BUSY } }
           rules { id: "cancel" triggers: TRIGGER_CALLER_CANCEL
                   treatment { cancel_reasons { sip_status: 200 } } })"});
  Ring("a");
  testing::internal::CaptureStderr();
  EXPECT_EQ(engine_.OnArrival("calls/a"), Verdict::kGoOn);
  EXPECT_EQ(engine_.OnCallerCancel("calls/a"), std::nullopt);
  EXPECT_EQ(Fail("a", 480), Verdict::kGoOn);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("\"event\":\"shadow decision\",\"call\":\"calls/a\",\"policy\":\"cancelPolicies/"
                             "trial\",\"rule\":\"r\",\"trigger\":\"far_end_failure\",\"action\":"
                             "\"final_response\",\"status_code\":486"));
  EXPECT_THAT(log, HasSubstr("\"cancel_reason\":\"SIP;cause=200\""));
  EXPECT_EQ(port_.orders.size(), 0U);
  for (const char* trigger : {"arrival", "far_end_failure", "caller_cancel"}) {
    EXPECT_THAT(Metrics(),
                HasSubstr(std::string("adieu_policy_decisions_total{mode=\"shadow\",policy=\"trial\","
                                      "rule=\"\",trigger=\"") +
                          trigger + "\"} 1\n"));
  }

  Ring("b", false);
  v1::TerminateCallRequest request;
  request.set_name("calls/b");
  request.set_intent(v1::INTENT_DECLINED);
  engine_.terminator().Terminate(request, "me", std::chrono::system_clock::time_point::max(),
                                 [](const auto&) {});
  const sip::EndOrder order = *port_.orders.Take();
  EXPECT_EQ(order.ending.status_code, 603);
  const v1::Termination termination = Record(order);
  EXPECT_EQ(termination.policy(), "cancelPolicies/builtin");
  ASSERT_EQ(termination.shadow_decisions_size(), 1);
  EXPECT_EQ(termination.shadow_decisions(0).policy(), "cancelPolicies/trial");
  EXPECT_EQ(termination.shadow_decisions(0).treatment().final_response().status_code(), 486);
}

TEST_F(TriggersTest, RingTimeoutAndDrainAskThePolicies) {
  Load(
      {R"(name: "cancelPolicies/late" rules { id: "t" triggers: TRIGGER_RING_TIMEOUT intents: INTENT_TRY_LATER
             treatment { as_intent: INTENT_NOT_FOUND } }
           rules { id: "d" triggers: TRIGGER_DRAIN treatment { final_response { status_code: 500 } } })"});
  Ring("a", false);
  engine_.OnRingTimeout("calls/a");
  sip::EndOrder order = *port_.orders.Take();
  EXPECT_EQ(order.ending.status_code, 404);
  EXPECT_EQ(Record(order).intent(), v1::INTENT_TRY_LATER);
  Ring("b", false);
  engine_.terminator().EndByTrigger("calls/b", v1::TRIGGER_DRAIN, nullptr);
  order = *port_.orders.Take();
  EXPECT_EQ(order.ending.status_code, 500);
  const v1::Termination termination = Record(order);
  EXPECT_EQ(termination.intent(), v1::INTENT_MAINTENANCE);
  EXPECT_EQ(termination.rule(), "d");
}

TEST_F(TriggersTest, ARequestAsksItsPolicyFirstWhateverItsMode) {
  Load({R"(name: "cancelPolicies/off" mode: CANCEL_POLICY_MODE_DISABLED
           rules { id: "busy" triggers: TRIGGER_REQUEST intents: INTENT_BUSY
                   treatment { final_response { status_code: 600 } } })",
        R"(name: "cancelPolicies/on"
           rules { id: "r" triggers: TRIGGER_REQUEST treatment { final_response { status_code: 404 } } })"});
  const auto end = [this](const std::string& id, v1::Intent intent, const std::string& policy) {
    Ring(id, false);
    v1::TerminateCallRequest request;
    request.set_name("calls/" + id);
    request.set_intent(intent);
    request.set_policy(policy);
    Inbox<base::Result<v1::Termination>> answers;
    engine_.terminator().Terminate(request, "me", std::chrono::system_clock::time_point::max(),
                                   [&](auto answer) { answers.Put(std::move(answer)); });
    if (answers.size() > 0) return answers.Take()->error().reason;
    const sip::EndOrder order = *port_.orders.Take();
    engine_.OnLegEnding(order.termination, order.call, MakeLeg(v1::LEG_OUTCOME_ENDED));
    const auto answer = answers.Take();
    return (*answer)->policy() + " " + std::to_string(order.ending.status_code);
  };
  EXPECT_EQ(end("a", v1::INTENT_BUSY, "cancelPolicies/off"), "cancelPolicies/off 600");
  EXPECT_EQ(end("b", v1::INTENT_QUIET, "cancelPolicies/off"), "cancelPolicies/on 404");
  EXPECT_EQ(end("c", v1::INTENT_BUSY, ""), "cancelPolicies/on 404");
  EXPECT_EQ(end("d", v1::INTENT_BUSY, "cancelPolicies/builtin"), "cancelPolicies/builtin 486");
  EXPECT_EQ(end("e", v1::INTENT_BUSY, "cancelPolicies/none"), "POLICY_NOT_FOUND");
  EXPECT_EQ(engine_.registry().Find("calls/e")->termination(), "");
  EXPECT_THAT(Metrics(), HasSubstr("adieu_policy_decisions_total{mode=\"disabled\",policy=\"off\","));
  EXPECT_THAT(Metrics(), HasSubstr("policy=\"builtin\",rule=\"busy"));
}

}  // namespace
}  // namespace adieu::engine
