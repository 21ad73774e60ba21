#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "adieu/journal/v1/dialogs.pb.h"
#include "server/metrics/metrics.h"
#include "server/sip/agent.h"
#include "server/sip/call_journal.h"
#include "tests/unit/sip/recorded_events.h"
#include "tests/unit/sip/udp_peer.h"

// What an agent tells the journal, and how it waits for it. The integration tests show the next process.
namespace adieu::sip {
namespace {

using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr char kAnswer[] = "Contact: <sip:bob@127.0.0.1:9>\r\nX-Own: of the callee\r\n";

class JournalTest : public testing::Test {
 protected:
  void TearDown() override {
    if (agent_ != nullptr) agent_->Stop(std::chrono::seconds(1));
  }

  void Start(bool forward, std::vector<JournaledCall> journaled = {}) {
    auto* listener = config_.mutable_sip()->add_listeners();
    listener->set_name("default");
    listener->set_address("127.0.0.1:0");
    config_.set_instance("test");
    config_.mutable_limits()->set_max_ringing(100);
    config_.mutable_limits()->set_queue(100);
    config_.mutable_limits()->mutable_recovered_calls_max_age()->set_seconds(60);
    config_.mutable_store()->mutable_sqlite();
    if (forward) {
      auto* plan = config_.add_routes()->mutable_forward();
      plan->add_targets("sip:127.0.0.1:" + std::to_string(callee_.port()));
      plan->mutable_no_answer_timeout()->set_seconds(20);
      plan->mutable_ring_timeout()->set_seconds(180);
    }
    auto agent = Agent::Start(config_, &events_, &metrics_, std::move(journaled));
    ASSERT_TRUE(agent.ok()) << agent.error().message;
    agent_ = std::move(*agent);
    const int port = agent_->addresses().front().port;
    caller_ = std::make_unique<UdpPeer>(port);
    callee_.TalkTo(port);
  }

  // A call that the callee answers; its INVITE there. The 200 waits for the journal.
  std::string AnswerThrough(const PhoneCall& call) {
    caller_->Send(call.Invite("Supported: timer\r\n", "v=0\r\n"));
    const std::string invite = callee_.ReceiveStarting("INVITE ");
    callee_.Send(ResponseTo(invite, "180 Ringing"));
    EXPECT_THAT(caller_->ReceiveStarting("SIP/2.0 180"), Not(IsEmpty()));
    callee_.Send(ResponseTo(invite, "200 OK", kAnswer));
    return invite;
  }

  // The agent has done all that was to be done so far, and neither side was told of the answer.
  void ExpectNobodyWasAnswered(const PhoneCall& call) {
    PhoneCall probe(*caller_, call.id + "-probe");
    std::string options = probe.Invite();
    for (size_t at = options.find("INVITE"); at != std::string::npos; at = options.find("INVITE", at)) {
      options.replace(at, 6, "OPTIONS");
    }
    caller_->Send(options);
    EXPECT_THAT(HeaderOf(caller_->Receive(), "CSeq"), "1 OPTIONS");
    EXPECT_FALSE(callee_.HasMessage());
  }

  journal::v1::Dialogs LastDialogs() {
    journal::v1::Dialogs dialogs;
    const auto told = events_.DialogsOf(events_.NthCall(1));
    EXPECT_TRUE(!told.empty() && dialogs.ParseFromString(told.back()));
    return dialogs;
  }

  bool WaitForDialogs(const std::function<bool(const journal::v1::Dialogs&)>& holds) {
    return events_.WaitUntil([&] {
      const auto told = events_.LastDialogs();
      journal::v1::Dialogs dialogs;
      return told && dialogs.ParseFromString(*told) && holds(dialogs);
    });
  }

  config::v1::Config config_;
  metrics::Metrics metrics_{"test"};
  RecordedEvents events_;
  UdpPeer callee_{9};
  std::unique_ptr<Agent> agent_;
  std::unique_ptr<UdpPeer> caller_;
};

// caller            adieu            callee
//   | INVITE ------> | INVITE ------> |
//   | <------ 180    | <------ 180    |
//   |                | <------ 200    |
//   |            the journal          |
//   | <------ 200    | ACK ---------> |
//   | ACK ---------> |                |
TEST_F(JournalTest, NeitherSideHearsOfTheDialogBeforeTheJournalHasIt) {
  Start(true);
  const PhoneCall call(*caller_, "held");
  const std::string invite = AnswerThrough(call);
  const auto stored = events_.NextAwaited();
  ASSERT_TRUE(stored);
  ExpectNobodyWasAnswered(call);

  const journal::v1::Dialogs dialogs = LastDialogs();
  EXPECT_EQ(dialogs.caller().call_id(), "held");
  EXPECT_EQ(dialogs.caller().remote(), call.from);
  EXPECT_EQ(dialogs.caller().contact(), call.contact);
  EXPECT_EQ(dialogs.caller().peer_address(), "127.0.0.1:" + std::to_string(caller_->port()));
  EXPECT_EQ(dialogs.callee().call_id(), HeaderOf(invite, "Call-ID"));
  EXPECT_EQ(dialogs.callee().local(), HeaderOf(invite, "From"));
  EXPECT_THAT(dialogs.callee().remote(), HasSubstr(";tag="));
  EXPECT_EQ(dialogs.callee().contact(), "<sip:bob@127.0.0.1:9>");
  EXPECT_EQ(dialogs.answer().status_code(), 200);
  EXPECT_THAT(dialogs.answer().headers(), HasSubstr("X-Own: of the callee\r\n"));
  EXPECT_FALSE(dialogs.caller().acknowledged());

  stored(true);
  const std::string answer = caller_->ReceiveStarting("SIP/2.0 200");
  EXPECT_THAT(HeaderOf(answer, "To"), StartsWith(dialogs.caller().local().substr(0, 5)));
  EXPECT_THAT(dialogs.caller().local(),
              HasSubstr(HeaderOf(answer, "To").substr(HeaderOf(answer, "To").find(";tag="))));
  EXPECT_THAT(callee_.ReceiveStarting("ACK "), Not(IsEmpty()));
  caller_->Send(call.AckAnswer(answer));
  EXPECT_TRUE(WaitForDialogs([](const journal::v1::Dialogs& now) {
    return now.caller().acknowledged() && now.callee().acknowledged() && now.answer().headers().empty();
  }));
  EXPECT_THAT(metrics_.Text(), HasSubstr("adieu_answers_unjournaled_total 0\n"));
}

TEST_F(JournalTest, AJournalThatFailsHoldsNobodyUp) {
  Start(true);
  const PhoneCall call(*caller_, "failed");
  AnswerThrough(call);
  const auto stored = events_.NextAwaited();
  ASSERT_TRUE(stored);
  stored(false);
  EXPECT_THAT(caller_->ReceiveStarting("SIP/2.0 200"), Not(IsEmpty()));
  EXPECT_THAT(callee_.ReceiveStarting("ACK "), Not(IsEmpty()));
  EXPECT_THAT(metrics_.Text(), HasSubstr("adieu_answers_unjournaled_total 1\n"));
}

TEST_F(JournalTest, AJournalThatSaysNothingHoldsNobodyUpForLong) {
  Start(true);
  const PhoneCall call(*caller_, "silent");
  const auto begin = steady_clock::now();
  AnswerThrough(call);
  const auto stored = events_.NextAwaited();
  ASSERT_TRUE(stored);
  EXPECT_THAT(caller_->ReceiveStarting("SIP/2.0 200"), Not(IsEmpty()));
  EXPECT_GE(steady_clock::now() - begin, CallJournal::kPatience);
  EXPECT_THAT(metrics_.Text(), HasSubstr("adieu_answers_unjournaled_total 1\n"));
  // What comes too late is no answer, and no second one.
  stored(true);
  EXPECT_THAT(callee_.ReceiveStarting("ACK "), Not(IsEmpty()));
  ExpectNobodyWasAnswered(call);
}

TEST_F(JournalTest, ACancelWhileTheAnswerWaitsEndsBothSides) {
  Start(true);
  const PhoneCall call(*caller_, "cancelled");
  const std::string invite = AnswerThrough(call);
  const auto stored = events_.NextAwaited();
  ASSERT_TRUE(stored);
  caller_->Send(call.Cancel());
  caller_->Send(call.AckRefusal(caller_->ReceiveStarting("SIP/2.0 487")));
  EXPECT_THAT(callee_.ReceiveStarting("ACK "), Not(IsEmpty()));
  callee_.Send(OkTo(callee_.ReceiveStarting("BYE ")));
  ASSERT_TRUE(events_.WaitForState(events_.NthCall(1), v1::CALL_STATE_TERMINATED));
  stored(true);
  ExpectNobodyWasAnswered(call);
  EXPECT_EQ(events_.DialogsOf(events_.NthCall(1)).back(), "");
}

TEST_F(JournalTest, AParkedCallerIsAnsweredWhenTheJournalHasIt) {
  Start(false);
  const PhoneCall call(*caller_, "parked");
  caller_->Send(call.Invite("", "v=0\r\n"));
  EXPECT_THAT(caller_->ReceiveStarting("SIP/2.0 180"), Not(IsEmpty()));
  EndOrder order{.termination = "terminations/1", .call = events_.NthCall(1)};
  order.ending.action = v1::LEG_ACTION_ANSWER_THEN_BYE;
  order.ending.status_code = 200;
  order.ending.reason_phrase = "OK";
  order.ending.bye_reason = "Q.850;cause=31";
  ASSERT_TRUE(agent_->End(order));
  const auto stored = events_.NextAwaited();
  ASSERT_TRUE(stored);
  ExpectNobodyWasAnswered(call);
  EXPECT_TRUE(LastDialogs().ending());
  EXPECT_EQ(LastDialogs().bye_reason(), "Q.850;cause=31");
  stored(true);
  caller_->Send(call.AckAnswer(caller_->ReceiveStarting("SIP/2.0 200")));
  caller_->Send(OkTo(caller_->ReceiveStarting("BYE ")));
  ASSERT_TRUE(events_.WaitForState(order.call, v1::CALL_STATE_TERMINATED));
  EXPECT_EQ(events_.DialogsOf(order.call).back(), "");
}

TEST_F(JournalTest, ARefusedCallerLeavesNothing) {
  Start(false);
  const PhoneCall call(*caller_, "refused");
  caller_->Send(call.Invite());
  EXPECT_THAT(caller_->ReceiveStarting("SIP/2.0 180"), Not(IsEmpty()));
  const std::string name = events_.NthCall(1);
  EXPECT_EQ(LastDialogs().caller().call_id(), "refused");
  caller_->Send(call.Cancel());
  caller_->Send(call.AckRefusal(caller_->ReceiveStarting("SIP/2.0 487")));
  ASSERT_TRUE(events_.WaitForState(name, v1::CALL_STATE_TERMINATED));
  EXPECT_EQ(events_.DialogsOf(name).back(), "");
}

TEST_F(JournalTest, WhatCannotBeReadIsToldAsEndedAndForgotten) {
  JournaledCall damaged{.call = {}, .dialogs = "\xff"};
  damaged.call.set_name("calls/damaged");
  damaged.call.mutable_caller()->set_sip_call_id("damaged");
  JournaledCall empty{.call = damaged.call, .dialogs = ""};
  empty.call.set_name("calls/empty");
  Start(false, {damaged, empty});
  for (const char* name : {"calls/damaged", "calls/empty"}) {
    EXPECT_EQ(events_.CallOf(name).state(), v1::CALL_STATE_TERMINATED) << name;
    EXPECT_EQ(events_.CallOf(name).caller().sip_call_id(), "damaged");
    EXPECT_EQ(events_.DialogsOf(name).back(), "");
  }
  EXPECT_THAT(metrics_.Text(), HasSubstr("adieu_recovered_calls_total{recovery=\"lost\"} 2\n"));
  // It serves.
  const PhoneCall call(*caller_, "after");
  caller_->Send(call.Invite());
  EXPECT_THAT(caller_->ReceiveStarting("SIP/2.0 180"), Not(IsEmpty()));
}

}  // namespace
}  // namespace adieu::sip
