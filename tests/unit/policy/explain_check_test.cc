#include "server/policy/explain_check.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/policy/textproto.h"

namespace adieu::policy {
namespace {

struct Case {
  std::string request;
  std::string refused;  // empty: nothing
};

TEST(ExplainCheckTest, Fields) {
  const std::string live = "call: 'calls/a' ";
  const std::string made_up = "hypothetical_call { callee { last_status_code: 480 } } ";
  const std::string status = "hypothetical_call.callee.last_status_code";
  std::string candidates;
  for (int i = 0; i < 100; ++i) candidates += "candidate_policies {} ";
  const Case cases[] = {
      {live, ""},
      {"", "call"},
      {"call: 'a'", "call"},
      {"call: ''", "call"},
      {"hypothetical_call {}", ""},
      {live + "trigger: TRIGGER_REQUEST intent: INTENT_BUSY", ""},
      {live + "intent: INTENT_BUSY", ""},
      {live + "trigger: TRIGGER_DRAIN", ""},
      {live + "trigger: TRIGGER_DRAIN intent: INTENT_MAINTENANCE", "intent"},
      {live + "trigger: TRIGGER_FAR_END_FAILURE", ""},
      {made_up + "trigger: TRIGGER_FAR_END_FAILURE", ""},
      {"hypothetical_call {} trigger: TRIGGER_FAR_END_FAILURE", status},
      {"hypothetical_call { callee { last_status_code: 299 } } trigger: TRIGGER_FAR_END_FAILURE", status},
      {"hypothetical_call { callee { last_status_code: 700 } } trigger: TRIGGER_FAR_END_FAILURE", status},
      {live + candidates, ""},
      {live + candidates + "candidate_policies {}", "candidate_policies"},
  };
  for (const Case& c : cases) {
    const auto error = CheckExplainRequest(Parse<v1::ExplainCancelPolicyRequest>(c.request));
    EXPECT_EQ(error ? error->violations.at(0).field : "", c.refused) << c.request.substr(0, 200);
  }
}

TEST(ExplainCheckTest, UnknownEnumNumbers) {
  auto request = Parse<v1::ExplainCancelPolicyRequest>("hypothetical_call { callee {} }");
  request.set_trigger(static_cast<v1::Trigger>(77));
  EXPECT_EQ(CheckExplainRequest(request)->violations.at(0).field, "trigger");
  request.clear_trigger();
  request.set_intent(static_cast<v1::Intent>(77));
  EXPECT_EQ(CheckExplainRequest(request)->violations.at(0).field, "intent");
  request.clear_intent();
  request.mutable_hypothetical_call()->mutable_callee()->set_state(static_cast<v1::CallState>(77));
  EXPECT_EQ(CheckExplainRequest(request)->violations.at(0).field, "hypothetical_call.callee.state");
  request.mutable_hypothetical_call()->set_state(static_cast<v1::CallState>(77));
  EXPECT_EQ(CheckExplainRequest(request)->violations.at(0).field, "hypothetical_call.state");
}

TEST(ExplainCheckTest, OpenStates) {
  const v1::Call parked = WithStates({});
  EXPECT_EQ(parked.state(), v1::CALL_STATE_RINGING);
  EXPECT_EQ(parked.caller().state(), v1::CALL_STATE_RINGING);
  EXPECT_FALSE(parked.has_callee());
  const v1::Call answered = WithStates(Parse<v1::Call>("state: CALL_STATE_ANSWERED callee {}"));
  EXPECT_EQ(answered.caller().state(), v1::CALL_STATE_ANSWERED);
  EXPECT_EQ(answered.callee().state(), v1::CALL_STATE_ANSWERED);
  const v1::Call mixed = WithStates(Parse<v1::Call>("callee { state: CALL_STATE_TERMINATED }"));
  EXPECT_EQ(mixed.caller().state(), v1::CALL_STATE_RINGING);
  EXPECT_EQ(mixed.callee().state(), v1::CALL_STATE_TERMINATED);
}

}  // namespace
}  // namespace adieu::policy
