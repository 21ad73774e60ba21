#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "server/metrics/metrics.h"
#include "server/sip/agent.h"
#include "tests/unit/sip/recorded_events.h"
#include "tests/unit/sip/udp_peer.h"

// Calls that the agent holds until the engine's word comes.
namespace adieu::sip {
namespace {

using std::chrono::steady_clock;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr char kTermination[] = "terminations/1";
constexpr char kKilled[] = "Reason: Q.850;cause=16;text=\"Normal call clearing\"\r\nX-Own: of the callee\r\n";

class HoldTest : public testing::Test {
 protected:
  void TearDown() override {
    if (agent_ != nullptr) agent_->Stop(std::chrono::seconds(1));
  }

  void Start(bool forward) {
    auto* listener = config_.mutable_sip()->add_listeners();
    listener->set_name("default");
    listener->set_address("127.0.0.1:0");
    config_.set_instance("test");
    config_.mutable_limits()->set_max_ringing(100);
    config_.mutable_limits()->set_queue(100);
    if (forward) {
      auto* plan = config_.add_routes()->mutable_forward();
      plan->add_targets("sip:127.0.0.1:" + std::to_string(callee_.port()));
      plan->mutable_no_answer_timeout()->set_seconds(20);
      plan->mutable_ring_timeout()->set_seconds(180);
    }
    auto agent = Agent::Start(config_, &events_, &metrics_);
    ASSERT_TRUE(agent.ok()) << agent.error().message;
    agent_ = std::move(*agent);
    const int port = agent_->addresses().front().port;
    caller_ = std::make_unique<UdpPeer>(port);
    callee_.TalkTo(port);
  }

  // A call that rings at the callee; its INVITE there.
  std::string RingThrough(const PhoneCall& call) {
    caller_->Send(call.Invite());
    const std::string invite = callee_.ReceiveStarting("INVITE ");
    callee_.Send(ResponseTo(invite, "180 Ringing"));
    EXPECT_THAT(caller_->ReceiveStarting("SIP/2.0 180"), Not(IsEmpty()));
    return invite;
  }

  EndOrder Refuse(int code) {
    EndOrder order{.termination = kTermination, .call = events_.NthCall(1)};
    order.ending.status_code = code;
    order.ending.reason_phrase = "Ordered";
    order.ending.bye_reason = "Q.850;cause=16";
    return order;
  }

  EndOrder AnswerThenBye() {
    EndOrder order = Refuse(200);
    order.ending.action = v1::LEG_ACTION_ANSWER_THEN_BYE;
    return order;
  }

  v1::Call Ended() {
    const std::string name = events_.NthCall(1);
    EXPECT_TRUE(events_.WaitForState(name, v1::CALL_STATE_TERMINATED));
    return events_.CallOf(name);
  }

  std::vector<std::string> Ladder() { return events_.LadderOf(events_.NthCall(1)); }

  config::v1::Config config_;
  metrics::Metrics metrics_{"test"};
  RecordedEvents events_;
  UdpPeer callee_{9};
  std::unique_ptr<Agent> agent_;
  std::unique_ptr<UdpPeer> caller_;
};

TEST_F(HoldTest, AnArrivalThatIsHeldEndsAsOrderedBeforeItRings) {
  events_.arrival = Verdict::kHold;
  Start(false);
  const PhoneCall call(*caller_, "arrival");
  caller_->Send(call.Invite());
  EXPECT_EQ(events_.NthQuestion(1), "arrival");
  ASSERT_TRUE(agent_->End(Refuse(486)));
  const std::string refused = caller_->ReceiveStarting("SIP/2.0 4");
  EXPECT_THAT(refused, StartsWith("SIP/2.0 486 Ordered"));
  caller_->Send(call.AckRefusal(refused));
  events_.WaitForOutcome(kTermination, v1::LEG_OUTCOME_ENDED);
  EXPECT_THAT(Ladder(), ElementsAre("INVITE>", "<100", "<486", "ACK>"));
  EXPECT_EQ(Ended().ended_by(), v1::ENDED_BY_ADIEU);
}

TEST_F(HoldTest, AForwardedArrivalThatIsEndedNeverCallsItsTarget) {
  events_.arrival = Verdict::kHold;
  Start(true);
  const PhoneCall call(*caller_, "arrival-answered");
  caller_->Send(call.Invite());
  events_.NthQuestion(1);
  ASSERT_TRUE(agent_->End(AnswerThenBye()));
  caller_->Send(call.AckAnswer(caller_->ReceiveStarting("SIP/2.0 200")));
  caller_->Send(OkTo(caller_->ReceiveStarting("BYE ")));
  EXPECT_EQ(Ended().ended_by(), v1::ENDED_BY_ADIEU);
  EXPECT_FALSE(callee_.HasMessage());
}

TEST_F(HoldTest, AReleasedArrivalGoesOnAtOnce) {
  events_.arrival = Verdict::kHold;
  Start(true);
  const auto begin = steady_clock::now();
  caller_->Send(PhoneCall(*caller_, "released").Invite());
  events_.NthQuestion(1);
  ASSERT_TRUE(agent_->Release(events_.NthCall(1)));
  EXPECT_THAT(callee_.ReceiveStarting("INVITE "), Not(IsEmpty()));
  EXPECT_LT(steady_clock::now() - begin, kHoldPatience);
  // Once is enough, and an unknown call is none.
  ASSERT_TRUE(agent_->Release(events_.NthCall(1)));
  ASSERT_TRUE(agent_->Release("calls/none"));
}

TEST_F(HoldTest, AnArrivalWithoutAnOrderGoesOnWhenPatienceIsOver) {
  events_.arrival = Verdict::kHold;
  Start(false);
  const auto begin = steady_clock::now();
  caller_->Send(PhoneCall(*caller_, "patience").Invite());
  EXPECT_THAT(caller_->ReceiveStarting("SIP/2.0 180"), Not(IsEmpty()));
  EXPECT_GE(steady_clock::now() - begin, kHoldPatience - std::chrono::milliseconds(10));
}

TEST_F(HoldTest, ACancelWhileAnArrivalIsHeldIsHonoured) {
  events_.arrival = Verdict::kHold;
  Start(true);
  const PhoneCall call(*caller_, "arrival-cancel");
  caller_->Send(call.Invite());
  events_.NthQuestion(1);
  caller_->Send(call.Cancel());
  caller_->Send(call.AckRefusal(caller_->ReceiveStarting("SIP/2.0 487")));
  EXPECT_EQ(Ended().ended_by(), v1::ENDED_BY_CALLER);
  ASSERT_TRUE(agent_->End(Refuse(486)));
  EXPECT_EQ(events_.WaitForOutcome(kTermination, v1::LEG_OUTCOME_PEER_FIRST).outcome(),
            v1::LEG_OUTCOME_PEER_FIRST);
  EXPECT_FALSE(callee_.HasMessage());
}

TEST_F(HoldTest, LetsGoOfAHeldArrivalWhenItStops) {
  events_.arrival = Verdict::kHold;
  Start(true);
  caller_->Send(PhoneCall(*caller_, "stop").Invite());
  events_.NthQuestion(1);
  agent_->Stop(std::chrono::seconds(5));
  EXPECT_THAT(caller_->ReceiveStarting("SIP/2.0 4"), StartsWith("SIP/2.0 480 "));
  EXPECT_FALSE(callee_.HasMessage());
  agent_.reset();
}

// caller            adieu            callee
//   | INVITE ------> | INVITE ------> |
//   | <------ 180    | <------ 180    |
//   |                | <------ 480    |
//   |                | ACK ---------> |
//   | <------ 487    |                |
//   | ACK ---------> |                |
TEST_F(HoldTest, AnOrderReplacesTheFarEndsResponseWhole) {
  events_.far_end_failure = Verdict::kHold;
  Start(true);
  const PhoneCall call(*caller_, "rewrite");
  const std::string invite = RingThrough(call);
  callee_.Send(ResponseTo(invite, "480 Of the callee", kKilled));
  EXPECT_EQ(events_.NthQuestion(2), "failure 480 Q.850;cause=16;text=\"Normal call clearing\"");
  const v1::Call told = events_.CallOf(events_.NthCall(1));
  EXPECT_EQ(told.state(), v1::CALL_STATE_RINGING);
  EXPECT_EQ(told.callee().state(), v1::CALL_STATE_TERMINATED);
  EXPECT_EQ(told.callee().last_status_code(), 480);
  ASSERT_EQ(told.callee().headers_size(), 1);
  EXPECT_EQ(told.callee().headers(0).value(), "Q.850;cause=16;text=\"Normal call clearing\"");
  callee_.ReceiveStarting("ACK ");

  ASSERT_TRUE(agent_->End(Refuse(487)));
  const std::string refused = caller_->ReceiveStarting("SIP/2.0 4");
  EXPECT_THAT(refused, StartsWith("SIP/2.0 487 Ordered"));
  EXPECT_EQ(HeaderOf(refused, "Reason"), "");
  EXPECT_EQ(HeaderOf(refused, "X-Own"), "");
  caller_->Send(call.AckRefusal(refused));
  const v1::LegEnding leg = events_.WaitForOutcome(kTermination, v1::LEG_OUTCOME_ENDED);
  EXPECT_EQ(leg.side(), v1::LEG_SIDE_CALLER);
  // Nothing is said of a leg that was over when the order was given.
  EXPECT_THAT(events_.OutcomesOf(kTermination), ElementsAre(v1::LEG_OUTCOME_SENT, v1::LEG_OUTCOME_ENDED));
  EXPECT_EQ(Ended().ended_by(), v1::ENDED_BY_CALLEE);
  EXPECT_THAT(Ladder(), Each(Not(HasSubstr("BYE"))));
}

TEST_F(HoldTest, AnOrderMayAnswerWhereTheFarEndRefused) {
  events_.far_end_failure = Verdict::kHold;
  Start(true);
  const PhoneCall call(*caller_, "rewrite-answer");
  callee_.Send(ResponseTo(RingThrough(call), "486 Busy Here"));
  EXPECT_EQ(events_.NthQuestion(2), "failure 486");
  ASSERT_TRUE(agent_->End(AnswerThenBye()));
  caller_->Send(call.AckAnswer(caller_->ReceiveStarting("SIP/2.0 200")));
  caller_->Send(OkTo(caller_->ReceiveStarting("BYE ")));
  events_.WaitForOutcome(kTermination, v1::LEG_OUTCOME_ENDED);
  EXPECT_EQ(Ended().ended_by(), v1::ENDED_BY_CALLEE);
}

TEST_F(HoldTest, WithoutAnOrderTheFailureIsRelayedAsItCame) {
  events_.far_end_failure = Verdict::kHold;
  Start(true);
  const PhoneCall call(*caller_, "relayed");
  callee_.Send(ResponseTo(RingThrough(call), "480 Of the callee", kKilled));
  EXPECT_THAT(events_.NthQuestion(2), StartsWith("failure 480"));
  const auto begin = steady_clock::now();
  const std::string refused = caller_->ReceiveStarting("SIP/2.0 4");
  EXPECT_GE(steady_clock::now() - begin, kHoldPatience / 2);
  EXPECT_THAT(refused, StartsWith("SIP/2.0 480 Of the callee"));
  EXPECT_EQ(HeaderOf(refused, "Reason"), "Q.850;cause=16;text=\"Normal call clearing\"");
  EXPECT_EQ(HeaderOf(refused, "X-Own"), "of the callee");
  EXPECT_EQ(Ended().ended_by(), v1::ENDED_BY_CALLEE);
}

TEST_F(HoldTest, AReleasedFailureIsRelayedAtOnce) {
  events_.far_end_failure = Verdict::kHold;
  Start(true);
  const PhoneCall call(*caller_, "relayed-now");
  callee_.Send(ResponseTo(RingThrough(call), "302 Moved", "Contact: <sip:elsewhere@192.0.2.9>\r\n"));
  events_.NthQuestion(2);
  const auto begin = steady_clock::now();
  ASSERT_TRUE(agent_->Release(events_.NthCall(1)));
  const std::string moved = caller_->ReceiveStarting("SIP/2.0 3");
  EXPECT_LT(steady_clock::now() - begin, kHoldPatience);
  EXPECT_THAT(HeaderOf(moved, "Contact"), HasSubstr("sip:elsewhere@192.0.2.9"));
  EXPECT_EQ(Ended().ended_by(), v1::ENDED_BY_CALLEE);
}

TEST_F(HoldTest, ACancelWhileAFailureIsHeldIsHonoured) {
  events_.far_end_failure = Verdict::kHold;
  Start(true);
  const PhoneCall call(*caller_, "failure-cancel");
  callee_.Send(ResponseTo(RingThrough(call), "480 Gone"));
  events_.NthQuestion(2);
  caller_->Send(call.Cancel());
  caller_->Send(call.AckRefusal(caller_->ReceiveStarting("SIP/2.0 487")));
  EXPECT_EQ(Ended().ended_by(), v1::ENDED_BY_CALLER);
  ASSERT_TRUE(agent_->End(Refuse(486)));
  EXPECT_EQ(events_.WaitForOutcome(kTermination, v1::LEG_OUTCOME_PEER_FIRST).side(), v1::LEG_SIDE_CALLER);
  // The callee is over: nobody asks what it should be told.
  EXPECT_EQ(events_.questions(), 2U);
}

TEST_F(HoldTest, ATargetOfWhichNothingIsHeardIsAFailureToo) {
  events_.far_end_failure = Verdict::kHold;
  config_.add_routes()->mutable_forward()->add_targets("sip:127.0.0.1:" + std::to_string(callee_.port()));
  config_.mutable_routes(0)->mutable_forward()->mutable_no_answer_timeout()->set_nanos(500'000'000);
  config_.mutable_routes(0)->mutable_forward()->mutable_ring_timeout()->set_seconds(180);
  Start(false);
  const PhoneCall call(*caller_, "silent");
  caller_->Send(call.Invite());
  EXPECT_EQ(events_.NthQuestion(2), "failure 480");
  ASSERT_TRUE(agent_->End(Refuse(404)));
  EXPECT_THAT(caller_->ReceiveStarting("SIP/2.0 4"), StartsWith("SIP/2.0 404"));
  EXPECT_EQ(Ended().ended_by(), v1::ENDED_BY_TIMEOUT);
}

TEST_F(HoldTest, AskedWhatTheCalleeIsToldWhenTheCallerGivesUp) {
  events_.caller_cancel = "SIP;cause=200;text=\"Call completed elsewhere\"";
  Start(true);
  const PhoneCall call(*caller_, "give-up");
  const std::string invite = RingThrough(call);
  caller_->Send(call.Cancel());
  EXPECT_EQ(events_.NthQuestion(2), "cancel");
  const std::string cancel = callee_.ReceiveStarting("CANCEL ");
  EXPECT_THAT(HeadersOf(cancel, "Reason"), ElementsAre("SIP;cause=200;text=\"Call completed elsewhere\""));
  callee_.Send(OkTo(cancel));
  callee_.Send(ResponseTo(invite, "487 Request Terminated"));
  callee_.ReceiveStarting("ACK ");
  EXPECT_EQ(Ended().ended_by(), v1::ENDED_BY_CALLER);
  // The 487 that answers our own CANCEL is no failure.
  EXPECT_EQ(events_.questions(), 2U);
}

TEST_F(HoldTest, TheCallersOwnReasonCanBeReplacedByNone) {
  events_.caller_cancel = "";
  Start(true);
  const PhoneCall call(*caller_, "give-up-silently");
  RingThrough(call);
  std::string cancel = call.Cancel();
  cancel.insert(cancel.find("Content-Length"), "Reason: SIP;cause=600\r\n");
  caller_->Send(cancel);
  EXPECT_THAT(HeadersOf(callee_.ReceiveStarting("CANCEL "), "Reason"), IsEmpty());
}

TEST_F(HoldTest, TheCallersOwnReasonIsRelayedOtherwise) {
  Start(true);
  const PhoneCall call(*caller_, "give-up-relayed");
  RingThrough(call);
  std::string cancel = call.Cancel();
  cancel.insert(cancel.find("Content-Length"), "Reason: SIP;cause=600\r\n");
  caller_->Send(cancel);
  EXPECT_THAT(HeadersOf(callee_.ReceiveStarting("CANCEL "), "Reason"), ElementsAre("SIP;cause=600"));
}

TEST_F(HoldTest, NobodyIsAskedWhenAnOrderEndsTheCall) {
  events_.far_end_failure = Verdict::kHold;
  Start(true);
  const PhoneCall call(*caller_, "ordered");
  const std::string invite = RingThrough(call);
  EndOrder order = Refuse(480);
  order.has_callee = true;
  ASSERT_TRUE(agent_->End(order));
  callee_.Send(OkTo(callee_.ReceiveStarting("CANCEL ")));
  callee_.Send(ResponseTo(invite, "487 Request Terminated"));
  EXPECT_EQ(Ended().ended_by(), v1::ENDED_BY_ADIEU);
  EXPECT_EQ(events_.questions(), 1U);
}

}  // namespace
}  // namespace adieu::sip
