#include "server/sip/agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "server/metrics/metrics.h"
#include "tests/unit/sip/recorded_events.h"
#include "tests/unit/sip/udp_peer.h"

namespace adieu::sip {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr char kOffer[] =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0\r\n"
    "a=rtpmap:8 PCMA/8000\r\n";

class AgentTest : public testing::Test {
 protected:
  void SetUp() override { StartAgent(); }
  void TearDown() override {
    if (agent_ != nullptr) agent_->Stop(std::chrono::seconds(5));
  }

  void StartAgent() {
    auto* listener = config_.mutable_sip()->add_listeners();
    listener->set_name("default");
    listener->set_address("127.0.0.1:0");
    config_.set_instance("test");
    config_.mutable_limits()->set_max_ringing(30000);
    config_.mutable_limits()->set_queue(30000);
    auto agent = Agent::Start(config_, &events_, &metrics_);
    ASSERT_TRUE(agent.ok()) << agent.error().message;
    agent_ = std::move(*agent);
    peer_ = std::make_unique<UdpPeer>(agent_->addresses().front().port);
  }

  // Places a call and waits until it rings.
  std::string Ring(const PhoneCall& call, const std::string& headers = "", const std::string& body = "") {
    peer_->Send(call.Invite(headers, body));
    ringing_ = peer_->ReceiveStarting("SIP/2.0 180");
    EXPECT_FALSE(ringing_.empty());
    return events_.NthCall(++calls_);
  }

  static EndOrder Refuse(const std::string& call, int code, const std::string& phrase) {
    EndOrder order{.termination = "terminations/1", .call = call};
    order.ending.status_code = code;
    order.ending.reason_phrase = phrase;
    order.ending.bye_reason = "Q.850;cause=16;text=\"Normal call clearing\"";
    return order;
  }

  static EndOrder AnswerThenBye(const std::string& call) {
    EndOrder order = Refuse(call, 200, "OK");
    order.ending.action = v1::LEG_ACTION_ANSWER_THEN_BYE;
    return order;
  }

  config::v1::Config config_;
  metrics::Metrics metrics_{"test"};
  RecordedEvents events_;
  std::unique_ptr<Agent> agent_;
  std::unique_ptr<UdpPeer> peer_;
  std::string ringing_;
  size_t calls_ = 0;
};

// phone            adieu
//   | INVITE ------> |
//   | <------ 100    |
//   | <------ 180    |
//   | <------ 486    |
//   | ACK ---------> |
TEST_F(AgentTest, RefusesAsOrdered) {
  const PhoneCall call(*peer_, "refuse");
  const std::string name = Ring(call);
  EndOrder order = Refuse(name, 486, "Not \"now\"");
  v1::Header reason;
  reason.set_name("Reason");
  reason.set_value("Q.850;cause=17;text=\"busy\"");
  v1::Header extra;
  extra.set_name("X-Why");
  extra.set_value("because");
  order.ending.headers = {reason, extra};
  ASSERT_TRUE(agent_->End(order));
  const std::string response = peer_->ReceiveStarting("SIP/2.0 4");
  EXPECT_THAT(response, StartsWith("SIP/2.0 486 Not \"now\"\r\n"));
  EXPECT_EQ(HeaderOf(response, "Reason"), "Q.850;cause=17;text=\"busy\"");
  EXPECT_EQ(HeaderOf(response, "X-Why"), "because");
  EXPECT_EQ(events_.WaitForOutcome("terminations/1", v1::LEG_OUTCOME_SENT).status_code(), 486);
  peer_->Send(call.AckRefusal(response));
  const v1::LegEnding ended = events_.WaitForOutcome("terminations/1", v1::LEG_OUTCOME_ENDED);
  EXPECT_EQ(ended.outcome(), v1::LEG_OUTCOME_ENDED);
  EXPECT_TRUE(ended.has_end_time());
  EXPECT_THAT(events_.OutcomesOf("terminations/1"), ElementsAre(v1::LEG_OUTCOME_SENT, v1::LEG_OUTCOME_ENDED));
  EXPECT_THAT(events_.LadderOf(name), ElementsAre("INVITE>", "<100", "<180", "<486", "ACK>"));
  const v1::Call told = events_.CallOf(name);
  EXPECT_EQ(told.state(), v1::CALL_STATE_TERMINATED);
  EXPECT_EQ(told.ended_by(), v1::ENDED_BY_ADIEU);
  EXPECT_EQ(told.caller().from_uri(), "sip:alice@example.org");
  EXPECT_EQ(told.caller().last_status_code(), 486);
  EXPECT_EQ(told.caller().remote_address(), call.via_host);
  EXPECT_EQ(told.caller().transport(), "udp");
}

TEST_F(AgentTest, RetransmitsTheRefusalUntilItsAck) {
  const PhoneCall call(*peer_, "lost");
  const std::string name = Ring(call);
  ASSERT_TRUE(agent_->End(Refuse(name, 480, "Gone")));
  EXPECT_THAT(peer_->ReceiveStarting("SIP/2.0 480"), StartsWith("SIP/2.0 480 Gone"));
  const std::string again = peer_->ReceiveStarting("SIP/2.0 480");
  EXPECT_THAT(again, StartsWith("SIP/2.0 480 Gone"));
  peer_->Send(call.AckRefusal(again));
  EXPECT_EQ(events_.WaitForOutcome("terminations/1", v1::LEG_OUTCOME_ENDED).outcome(), v1::LEG_OUTCOME_ENDED);
}

TEST_F(AgentTest, RedirectsToTelToo) {
  const PhoneCall call(*peer_, "redirect");
  EndOrder order = Refuse(Ring(call), 302, "Moved Temporarily");
  order.ending.action = v1::LEG_ACTION_REDIRECT;
  v1::Header contact;
  contact.set_name("Contact");
  contact.set_value("<sip:carol@example.org>;q=1.0, <tel:+4930123456>;q=0.9");
  order.ending.headers = {contact};
  ASSERT_TRUE(agent_->End(order));
  const std::string response = peer_->ReceiveStarting("SIP/2.0 302");
  EXPECT_THAT(HeadersOf(response, "Contact"),
              ElementsAre("<sip:carol@example.org>;q=1.0", "<tel:+4930123456>;q=0.9"));
  peer_->Send(call.AckRefusal(response));
}

// phone            adieu
//   | INVITE ------> |
//   | <------ 180    |
//   | <------ 200    |
//   | ACK ---------> |   no BYE before it
//   | <------ BYE    |
//   | 200 ---------> |
TEST_F(AgentTest, AnswersThenByes) {
  const PhoneCall call(*peer_, "answer");
  const std::string name = Ring(call, "", kOffer);
  ASSERT_TRUE(agent_->End(AnswerThenBye(name)));
  const std::string response = peer_->ReceiveStarting("SIP/2.0 200");
  EXPECT_THAT(response, HasSubstr("m=audio 9 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=inactive\r\n"));
  peer_->Send(call.AckAnswer(response));
  const std::string bye = peer_->ReceiveStarting("BYE ");
  EXPECT_EQ(HeaderOf(bye, "Reason"), "Q.850;cause=16;text=\"Normal call clearing\"");
  peer_->Send(OkTo(bye));
  EXPECT_EQ(events_.WaitForOutcome("terminations/1", v1::LEG_OUTCOME_ENDED).outcome(), v1::LEG_OUTCOME_ENDED);
  ASSERT_TRUE(events_.WaitForState(name, v1::CALL_STATE_TERMINATED));
  EXPECT_TRUE(events_.CallOf(name).has_answer_time());
  EXPECT_THAT(events_.LadderOf(name), ElementsAre("INVITE>", "<100", "<180", "<200", "ACK>", "<BYE", "200>"));
}

TEST_F(AgentTest, OffersWhenTheInviteDidNot) {
  const PhoneCall call(*peer_, "delayed");
  ASSERT_TRUE(agent_->End(AnswerThenBye(Ring(call))));
  const std::string response = peer_->ReceiveStarting("SIP/2.0 200");
  EXPECT_THAT(response, HasSubstr("m=audio 9 RTP/AVP 0 8\r\n"));
  peer_->Send(call.AckAnswer(response));
  peer_->Send(OkTo(peer_->ReceiveStarting("BYE ")));
  events_.WaitForOutcome("terminations/1", v1::LEG_OUTCOME_ENDED);
}

TEST_F(AgentTest, ByesOfBothSidesCross) {
  const PhoneCall call(*peer_, "cross");
  const std::string name = Ring(call);
  ASSERT_TRUE(agent_->End(AnswerThenBye(name)));
  const std::string response = peer_->ReceiveStarting("SIP/2.0 200");
  peer_->Send(call.AckAnswer(response));
  const std::string bye = peer_->ReceiveStarting("BYE ");
  peer_->Send(call.Bye(response));
  EXPECT_THAT(peer_->ReceiveStarting("SIP/2.0 200"), HasSubstr("CSeq: 3 BYE"));
  peer_->Send(OkTo(bye));
  EXPECT_EQ(events_.WaitForOutcome("terminations/1", v1::LEG_OUTCOME_PEER_FIRST).outcome(),
            v1::LEG_OUTCOME_PEER_FIRST);
  EXPECT_TRUE(events_.WaitForState(name, v1::CALL_STATE_TERMINATED));
}

TEST_F(AgentTest, HoldsTheAnswerForThePrack) {
  const PhoneCall call(*peer_, "prack");
  const std::string name = Ring(call, "Require: 100rel\r\n");
  EXPECT_THAT(HeaderOf(ringing_, "Require"), HasSubstr("100rel"));
  ASSERT_TRUE(agent_->End(AnswerThenBye(name)));
  EXPECT_EQ(events_.WaitForOutcome("terminations/1", v1::LEG_OUTCOME_HELD).outcome(), v1::LEG_OUTCOME_HELD);
  peer_->Send(call.Prack(ringing_));
  std::string answer = peer_->ReceiveStarting("SIP/2.0 200");
  if (HeaderOf(answer, "CSeq") != "1 INVITE") answer = peer_->ReceiveStarting("SIP/2.0 200");
  EXPECT_EQ(HeaderOf(answer, "CSeq"), "1 INVITE");
  peer_->Send(call.AckAnswer(answer));
  peer_->Send(OkTo(peer_->ReceiveStarting("BYE ")));
  EXPECT_EQ(events_.WaitForOutcome("terminations/1", v1::LEG_OUTCOME_ENDED).outcome(), v1::LEG_OUTCOME_ENDED);
}

// The stack still has the phrase of the held 200 when the call is over.
TEST_F(AgentTest, ForgetsNothingThatTheStackHolds) {
  for (int i = 0; i < 50; ++i) {
    const PhoneCall call(*peer_, "held" + std::to_string(i));
    EndOrder order = AnswerThenBye(Ring(call, "Require: 100rel\r\n"));
    order.termination = "terminations/" + std::to_string(i);
    order.ending.reason_phrase = std::string(60, 'x');
    ASSERT_TRUE(agent_->End(order));
    events_.WaitForOutcome(order.termination, v1::LEG_OUTCOME_HELD);
    peer_->Send(call.Cancel());
    peer_->Send(call.AckRefusal(peer_->ReceiveStarting("SIP/2.0 487")));
    EXPECT_EQ(events_.WaitForOutcome(order.termination, v1::LEG_OUTCOME_PEER_FIRST).outcome(),
              v1::LEG_OUTCOME_PEER_FIRST);
  }
}

TEST_F(AgentTest, RefusesWithoutWaitingForThePrack) {
  const PhoneCall call(*peer_, "prack-refuse");
  const std::string name = Ring(call, "Require: 100rel\r\n");
  ASSERT_TRUE(agent_->End(Refuse(name, 486, "Busy Here")));
  peer_->Send(call.AckRefusal(peer_->ReceiveStarting("SIP/2.0 486")));
  EXPECT_EQ(events_.WaitForOutcome("terminations/1", v1::LEG_OUTCOME_ENDED).outcome(), v1::LEG_OUTCOME_ENDED);
}

TEST_F(AgentTest, HonoursTheCancel) {
  const PhoneCall call(*peer_, "cancel");
  const std::string name = Ring(call);
  peer_->Send(call.Cancel());
  const std::string response = peer_->ReceiveStarting("SIP/2.0 487");
  peer_->Send(call.AckRefusal(response));
  ASSERT_TRUE(events_.WaitForState(name, v1::CALL_STATE_TERMINATED));
  EXPECT_EQ(events_.CallOf(name).ended_by(), v1::ENDED_BY_CALLER);
  ASSERT_TRUE(agent_->End(Refuse(name, 480, "Too late")));
  const v1::LegEnding late = events_.WaitForOutcome("terminations/1", v1::LEG_OUTCOME_PEER_FIRST);
  EXPECT_EQ(late.outcome(), v1::LEG_OUTCOME_PEER_FIRST);
  EXPECT_EQ(late.action(), v1::LEG_ACTION_NONE);
}

TEST_F(AgentTest, AcceptsNoSecondOrder) {
  const PhoneCall call(*peer_, "twice");
  const std::string name = Ring(call, "Require: 100rel\r\n");
  ASSERT_TRUE(agent_->End(AnswerThenBye(name)));
  EndOrder second = Refuse(name, 486, "Busy Here");
  second.termination = "terminations/2";
  ASSERT_TRUE(agent_->End(second));
  EXPECT_EQ(events_.WaitForOutcome("terminations/2", v1::LEG_OUTCOME_FAILED).action(), v1::LEG_ACTION_NONE);
}

struct Guarded {
  const char* name;
  const char* contact;
  const char* headers;
};

class GuardTest : public AgentTest, public testing::WithParamInterface<Guarded> {};

TEST_P(GuardTest, AnswersAndLivesOn) {
  PhoneCall call(*peer_, "guard");
  call.contact = GetParam().contact;
  peer_->Send(call.Invite(GetParam().headers));
  EXPECT_THAT(peer_->ReceiveStarting("SIP/2.0 4"), StartsWith("SIP/2.0 400 "));
  const PhoneCall next(*peer_, "after");
  EXPECT_FALSE(Ring(next).empty());
}

INSTANTIATE_TEST_SUITE_P(All, GuardTest,
                         testing::Values(Guarded{"Tel", "<tel:+1>", ""},
                                         Guarded{"Mail", "<mailto:a@example.org>", ""},
                                         Guarded{"Star", "*", ""}, Guarded{"None", "", ""},
                                         Guarded{"Route", "<sip:a@127.0.0.1>", "Record-Route: <foo:bar>\r\n"},
                                         Guarded{"Garbage", "<<<>>", ""}),
                         [](const auto& param_info) { return std::string(param_info.param.name); });

TEST_F(AgentTest, ReadsNoParameterPastItsEnd) {
  const PhoneCall call(*peer_, "lrx");
  Ring(call, "Record-Route: <sip:127.0.0.1;lrx>\r\n");
}

TEST_F(AgentTest, RefusesReferAndForeignMethods) {
  const PhoneCall call(*peer_, "refer");
  Ring(call);
  for (const char* method : {"REFER", "SUBSCRIBE", "NOTIFY", "PUBLISH", "FOO"}) {
    std::string request = call.Bye(ringing_);
    for (size_t at = request.find("BYE"); at != std::string::npos; at = request.find("BYE")) {
      request.replace(at, 3, method);
    }
    request.replace(request.find("-bye"), 4, std::string("-") + method);
    peer_->Send(request);
    EXPECT_THAT(peer_->ReceiveStarting("SIP/2.0 "),
                testing::MatchesRegex("SIP/2.0 (405|501|489|481|403) [^$]*"))
        << method;
  }
}

TEST_F(AgentTest, TakesNothingNewOnceIntakeIsStopped) {
  agent_->StopIntake();
  const PhoneCall call(*peer_, "late");
  peer_->Send(call.Invite());
  const std::string response = peer_->ReceiveStarting("SIP/2.0 503");
  EXPECT_FALSE(HeaderOf(response, "Retry-After").empty());
}

TEST_F(AgentTest, LetsGoOfCallsWhenItStops) {
  const PhoneCall call(*peer_, "stop");
  const std::string name = Ring(call);
  agent_->Stop(std::chrono::seconds(5));
  EXPECT_THAT(peer_->ReceiveStarting("SIP/2.0 4"), StartsWith("SIP/2.0 480 "));
  agent_.reset();
}

// An UPDATE that nobody answered would make the stack crash when it stops, and refuse every later re-INVITE.
TEST_F(AgentTest, AnswersWhatComesInTheDialog) {
  const PhoneCall call(*peer_, "dialog");
  Ring(call);
  for (const auto& [method, code] :
       {std::pair("INFO", "200"), {"UPDATE", "488"}, {"MESSAGE", "488"}, {"OPTIONS", "200"}}) {
    std::string request = call.Bye(ringing_);
    for (size_t at = request.find("BYE"); at != std::string::npos; at = request.find("BYE")) {
      request.replace(at, 3, method);
    }
    request.replace(request.find("-bye"), 4, std::string("-") + method);
    if (std::string(method) == "UPDATE")
      request.insert(request.find("Content-Length"), "Contact: " + call.contact + "\r\n");
    peer_->Send(request);
    EXPECT_THAT(peer_->ReceiveStarting("SIP/2.0 "), StartsWith(std::string("SIP/2.0 ") + code)) << method;
  }
  peer_->Send(call.Bye(ringing_));
  EXPECT_THAT(peer_->ReceiveStarting("SIP/2.0 487"), HasSubstr("CSeq: 1 INVITE"));
}

TEST_F(AgentTest, SendsNoByeBeforeTheAck) {
  const PhoneCall call(*peer_, "no-bye");
  ASSERT_TRUE(agent_->End(AnswerThenBye(Ring(call))));
  // The 200 comes again and again while its ACK is missing, and nothing else.
  EXPECT_THAT(peer_->ReceiveStarting("SIP/2.0 200"), HasSubstr("CSeq: 1 INVITE"));
  const std::string next = peer_->Receive();
  EXPECT_THAT(next, StartsWith("SIP/2.0 200"));
  peer_->Send(call.AckAnswer(next));
  const std::string bye = peer_->ReceiveStarting("BYE ");
  EXPECT_THAT(bye, HasSubstr("Reason: "));
  peer_->Send(OkTo(bye));
  events_.WaitForOutcome("terminations/1", v1::LEG_OUTCOME_ENDED);
}

TEST_F(AgentTest, HastensTheByeThatWaits) {
  const PhoneCall call(*peer_, "hasten");
  EndOrder order = AnswerThenBye(Ring(call));
  order.ending.bye_after = std::chrono::hours(1);
  ASSERT_TRUE(agent_->End(order));
  peer_->Send(call.AckAnswer(peer_->ReceiveStarting("SIP/2.0 200")));
  agent_->HastenByes();
  peer_->Send(OkTo(peer_->ReceiveStarting("BYE ")));
  EXPECT_EQ(events_.WaitForOutcome("terminations/1", v1::LEG_OUTCOME_ENDED).outcome(), v1::LEG_OUTCOME_ENDED);
}

TEST_F(AgentTest, SaysNothingOfDeadPeers) {
  const std::string name = Ring(PhoneCall(*peer_, "dead"));
  peer_.reset();
  testing::internal::CaptureStderr();
  ASSERT_TRUE(agent_->End(Refuse(name, 480, "Gone")));
  events_.WaitForOutcome("terminations/1", v1::LEG_OUTCOME_SENT);
  agent_->Stop(std::chrono::seconds(5));
  agent_.reset();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(AgentTest, RefusesWhatIsTooMuch) {
  agent_->Stop(std::chrono::seconds(5));
  config_.clear_sip();
  config_.clear_limits();
  auto* listener = config_.mutable_sip()->add_listeners();
  listener->set_name("small");
  listener->set_address("127.0.0.1:0");
  config_.mutable_limits()->set_max_ringing(1);
  config_.mutable_limits()->set_queue(1);
  auto small = Agent::Start(config_, &events_, &metrics_);
  ASSERT_TRUE(small.ok());
  agent_ = std::move(*small);
  peer_ = std::make_unique<UdpPeer>(agent_->addresses().front().port);
  const PhoneCall first(*peer_, "first");
  const std::string name = Ring(first);
  const PhoneCall second(*peer_, "second");
  peer_->Send(second.Invite());
  const std::string full = peer_->ReceiveStarting("SIP/2.0 503");
  EXPECT_EQ(HeaderOf(full, "Retry-After"), "10");
  peer_->Send(second.AckRefusal(full));
  ASSERT_TRUE(agent_->End(Refuse(name, 486, "Busy Here")));
  peer_->Send(first.AckRefusal(peer_->ReceiveStarting("SIP/2.0 486")));
  events_.WaitForOutcome("terminations/1", v1::LEG_OUTCOME_ENDED);
  EXPECT_FALSE(Ring(PhoneCall(*peer_, "third")).empty());
}

TEST_F(AgentTest, DropsForeignSources) {
  agent_->Stop(std::chrono::seconds(5));
  config_.mutable_sip()->add_allow("192.0.2.0/24");
  auto closed = Agent::Start(config_, &events_, &metrics_);
  ASSERT_TRUE(closed.ok());
  agent_ = std::move(*closed);
  peer_ = std::make_unique<UdpPeer>(agent_->addresses().front().port);
  peer_->Send(PhoneCall(*peer_, "foreign").Invite());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (metrics_.Text().find("adieu_sip_datagrams_dropped_total{listener=\"default\"} 1") ==
         std::string::npos) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::yield();
  }
  EXPECT_FALSE(peer_->HasMessage());
}

TEST_F(AgentTest, KeepsThePhraseWhileItIsNeeded) {
  for (int i = 0; i < 50; ++i) {
    const PhoneCall call(*peer_, "phrase" + std::to_string(i));
    const std::string phrase = std::string(60, static_cast<char>('a' + i % 26));
    ASSERT_TRUE(agent_->End(Refuse(Ring(call), 480, phrase)));
    const std::string response = peer_->ReceiveStarting("SIP/2.0 480");
    EXPECT_THAT(response, StartsWith("SIP/2.0 480 " + phrase + "\r\n"));
    peer_->Send(call.AckRefusal(response));
  }
}

// The stack's own timer list makes this quadratic: without NTATAG_PROGRESS it does not come to its end in
// time.
TEST_F(AgentTest, ParksTwentyThousandCalls) {
  constexpr int kCalls = 20000;
  constexpr int kWindow = 50;
  int sent = 0;
  int ringing = 0;
  while (ringing < kCalls) {
    while (sent < kCalls && sent - ringing < kWindow) {
      peer_->Send(PhoneCall(*peer_, "many" + std::to_string(sent++)).Invite());
    }
    ASSERT_FALSE(peer_->ReceiveStarting("SIP/2.0 180").empty()) << ringing;
    ++ringing;
  }
  EXPECT_FALSE(events_.NthCall(kCalls).empty());
  EXPECT_EQ(events_.CountCalls(v1::CALL_STATE_RINGING), static_cast<size_t>(kCalls));
  for (int i = 1; i <= kCalls; ++i) {
    EndOrder order = Refuse(events_.NthCall(static_cast<size_t>(i)), 480, "Gone");
    order.termination = "terminations/" + std::to_string(i);
    ASSERT_TRUE(agent_->End(order));
    if (i <= kWindow) continue;
    const std::string response = peer_->ReceiveStarting("SIP/2.0 480");
    ASSERT_FALSE(response.empty()) << i;
    peer_->Send(PhoneCall(*peer_, HeaderOf(response, "Call-ID")).AckRefusal(response));
  }
  EXPECT_EQ(
      events_.WaitForOutcome("terminations/" + std::to_string(kCalls), v1::LEG_OUTCOME_SENT).status_code(),
      480);
  EXPECT_EQ(events_.CountCalls(v1::CALL_STATE_TERMINATED), static_cast<size_t>(kCalls));
}

TEST(AgentStart, SaysThatThePortIsTaken) {
  metrics::Metrics metrics("test");
  RecordedEvents events;
  config::v1::Config config;
  auto* listener = config.mutable_sip()->add_listeners();
  listener->set_name("a");
  listener->set_address("127.0.0.1:0");
  config.mutable_limits()->set_max_ringing(10);
  config.mutable_limits()->set_queue(10);
  auto first = Agent::Start(config, &events, &metrics);
  ASSERT_TRUE(first.ok());
  listener->set_address("127.0.0.1:" + std::to_string((*first)->addresses().front().port));
  auto second = Agent::Start(config, &events, &metrics);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().reason, "SIP_LISTEN_FAILED");
  EXPECT_THAT(second.error().message, HasSubstr("in use"));
}

}  // namespace
}  // namespace adieu::sip
