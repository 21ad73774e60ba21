#include "server/policy/planned_messages.h"

#include <gtest/gtest.h>

#include <string>

#include "server/policy/builtin.h"
#include "tests/unit/policy/calls.h"
#include "tests/unit/policy/textproto.h"

namespace adieu::policy {
namespace {

constexpr char kNormal[] = "Reason: Q.850;cause=16;text=\"Normal call clearing\"";

std::string Planned(const std::string& call, v1::Trigger trigger, const std::string& treatment) {
  std::string planned;
  auto legs = Parse<v1::Call>(call);
  legs.mutable_caller()->set_from_uri("sip:a@x");
  const auto given = Parse<v1::Treatment>(treatment);
  for (const v1::PlannedMessage& message :
       PlanMessages(legs, trigger, Complete(given, v1::INTENT_QUIET, legs))) {
    if (!planned.empty()) planned += " && ";
    planned += message.side() == v1::LEG_SIDE_CALLER ? "caller " : "callee ";
    for (const char c : message.text()) planned += c == '\n' ? '|' : c;
    if (!message.condition().empty()) planned += " (" + message.condition() + ')';
  }
  return planned;
}

struct Case {
  std::string call;
  std::string treatment;
  std::string planned;
};

TEST(PlannedMessagesTest, Requests) {
  const std::string parked = "caller { state: CALL_STATE_RINGING last_status_code: 180 } ";
  const std::string ringing =
      parked + "callee { state: CALL_STATE_RINGING last_status_code: 180 request_uri: 'sip:b@y' } ";
  const std::string unheard = parked + "callee { state: CALL_STATE_RINGING request_uri: 'sip:b@y' } ";
  const std::string answered =
      "caller { state: CALL_STATE_ANSWERED } callee { state: CALL_STATE_ANSWERED request_uri: 'sip:b@y' } ";
  const std::string busy = "final_response { status_code: 486 } ";
  const std::string busy_line = "caller SIP/2.0 486 Busy Here";
  const std::string bye = std::string("BYE sip:a@x SIP/2.0|") + kNormal;
  const Case cases[] = {
      {"caller { state: CALL_STATE_RINGING }", busy, busy_line},
      {parked, busy, busy_line},
      {parked,
       "final_response { status_code: 480 reasons { q850_cause: 16 } retry_after { seconds: 5 } headers { "
       "name: "
       "'X' value: 'y' } }",
       "caller SIP/2.0 480 Temporarily Unavailable|Reason: Q.850;cause=16|Retry-After: 5|X: y"},
      {parked, "redirect { contacts: 'sip:c@z' }",
       "caller SIP/2.0 302 Moved Temporarily|Contact: <sip:c@z>;q=1.0"},
      {parked, "answer_then_bye {}", "caller SIP/2.0 200 OK && caller " + bye + " (the ACK of the caller)"},
      {parked, "answer_then_bye { after { seconds: 2 } }",
       "caller SIP/2.0 200 OK && caller " + bye + " (the ACK of the caller, then 2000 ms)"},
      {parked, "as_intent: INTENT_MOVED", "caller SIP/2.0 410 Gone"},
      {ringing, busy, busy_line + " && callee CANCEL sip:b@y SIP/2.0"},
      {ringing, busy + "cancel_reasons { sip_status: 200 text: 'Call completed elsewhere' }",
       busy_line +
           " && callee CANCEL sip:b@y SIP/2.0|Reason: SIP;cause=200;text=\"Call completed elsewhere\""},
      {unheard, busy,
       busy_line + " && callee CANCEL sip:b@y SIP/2.0 (the first provisional response of the callee)"},
      {parked + "callee { state: CALL_STATE_RINGING last_status_code: 100 request_uri: 'sip:b@y' }", busy,
       busy_line + " && callee CANCEL sip:b@y SIP/2.0"},
      {answered, busy, "caller " + bye + " && callee BYE sip:b@y SIP/2.0|" + kNormal},
      {answered, busy + "bye_reasons { q850_cause: 31 }",
       "caller BYE sip:a@x SIP/2.0|Reason: Q.850;cause=31 && callee BYE sip:b@y SIP/2.0|Reason: "
       "Q.850;cause=31"},
      {parked + "callee { state: CALL_STATE_TERMINATED last_status_code: 486 }", busy, busy_line},
      {"caller { state: CALL_STATE_TERMINATING } callee { state: CALL_STATE_TERMINATED }", busy, ""},
      {"", busy, ""},
      {parked + "callee { state: CALL_STATE_RINGING }", busy,
       busy_line + " && callee CANCEL SIP/2.0 (the first provisional response of the callee)"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Planned(c.call, v1::TRIGGER_REQUEST, c.treatment), c.planned) << c.call << c.treatment;
    EXPECT_EQ(Planned(c.call, v1::TRIGGER_DRAIN, c.treatment), c.planned) << c.call << c.treatment;
  }
}

TEST(PlannedMessagesTest, Arrival) {
  const std::string call = "caller { state: CALL_STATE_RINGING }";
  EXPECT_EQ(Planned(call, v1::TRIGGER_ARRIVAL, "proceed {}"), "");
  EXPECT_EQ(Planned(call, v1::TRIGGER_ARRIVAL, "final_response { status_code: 603 }"),
            "caller SIP/2.0 603 Decline");
}

TEST(PlannedMessagesTest, FarEndFailure) {
  const auto failed = [](int code, const std::string& more = "") {
    return "caller { state: CALL_STATE_RINGING } callee { state: CALL_STATE_RINGING last_status_code: " +
           std::to_string(code) + " " + more + " }";
  };
  const std::string reason = "headers { name: 'reason' value: 'Q.850;cause=16' }";
  const v1::Trigger trigger = v1::TRIGGER_FAR_END_FAILURE;
  EXPECT_EQ(Planned(failed(480, reason), trigger, "relay {}"),
            "caller SIP/2.0 480 Temporarily Unavailable|Reason: Q.850;cause=16");
  EXPECT_EQ(Planned(failed(503), trigger, "relay {}"), "caller SIP/2.0 500 Server Internal Error");
  EXPECT_EQ(Planned(failed(180), trigger, "relay {}"), "");
  // The callee leg is over, and nothing of its response is copied.
  EXPECT_EQ(Planned(failed(480, reason), trigger, "as_intent: INTENT_BUSY"), "caller SIP/2.0 486 Busy Here");
}

TEST(PlannedMessagesTest, CallerCancel) {
  const std::string call =
      "caller { state: CALL_STATE_RINGING } callee { state: CALL_STATE_RINGING last_status_code: 183 "
      "request_uri: 'sip:b@y' }";
  const v1::Trigger trigger = v1::TRIGGER_CALLER_CANCEL;
  EXPECT_EQ(Planned(call, trigger, "relay {}"), "callee CANCEL sip:b@y SIP/2.0");
  EXPECT_EQ(Planned(call, trigger, "relay {} cancel_reasons { sip_status: 600 }"),
            "callee CANCEL sip:b@y SIP/2.0|Reason: SIP;cause=600");
  EXPECT_EQ(Planned("caller { state: CALL_STATE_RINGING }", trigger, "relay {}"), "");
}

}  // namespace
}  // namespace adieu::policy
