#include "server/policy/request_check.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/policy/textproto.h"

namespace adieu::policy {
namespace {

struct Case {
  std::string request;
  std::string refused;  // empty: nothing
};

TEST(TerminateRequestTest, Fields) {
  const std::string name = "name: 'calls/a-1' ";
  const std::string a64(64, 'a');
  const Case cases[] = {
      {name, ""},
      {"name: 'calls/" + a64 + "'", ""},
      {"name: 'calls/" + a64 + "a'", "name"},
      {"", "name"},
      {"intent: INTENT_BUSY", "name"},
      {"name: ''", "name"},
      {"name: 'calls/'", "name"},
      {"name: 'calls/a/b'", "name"},
      {"name: 'calls/a_b'", "name"},
      {"name: 'call/a'", "name"},
      {"name: 'terminations/a'", "name"},
      {"name: 'calls/a\\n'", "name"},
      {"sip_call_id: 'abc@192.0.2.1'", ""},
      {"sip_call_id: '" + std::string(256, 'a') + "'", ""},
      {"sip_call_id: '" + std::string(257, 'a') + "'", "sip_call_id"},
      {"sip_call_id: ''", "sip_call_id"},
      {"sip_call_id: 'a b'", "sip_call_id"},
      {"sip_call_id: 'a\\r\\n'", "sip_call_id"},
      {"sip_call_id: 'é'", "sip_call_id"},
      {name + "intent: INTENT_ELSEWHERE wait: WAIT_ENDED validate_only: true", ""},
      {name + "note: '" + std::string(256, 'a') + "'", ""},
      {name + "note: '" + std::string(257, 'a') + "'", "note"},
      {name + "note: 'a\\nb'", "note"},
      {name + "note: 'für später'", ""},
      {name + "request_id: '" + std::string(128, 'a') + "'", ""},
      {name + "request_id: '" + std::string(129, 'a') + "'", "request_id"},
      {name + "request_id: 'a\\nb'", "request_id"},
      {name + "request_id: 'é'", "request_id"},
      {name + "treatment {}", ""},
      {name + "treatment { final_response { status_code: 486 } }", ""},
      {name + "treatment { final_response { status_code: 200 } }", "treatment.final_response.status_code"},
      {name + "treatment { relay {} }", "treatment.relay"},
      {name + "treatment { proceed {} }", "treatment.proceed"},
      {name + "policy: 'cancelPolicies/a' note: '\\n'", "note"},
      {name + "policy: 'cancelPolicies/quiet-kills'", ""},
      {name + "policy: 'cancelPolicies/a' intent: INTENT_BUSY", ""},
      {name + "policy: 'cancelPolicies/' ", "policy"},
      {name + "policy: 'quiet-kills'", "policy"},
      {name + "policy: 'cancelPolicies/a' treatment {}", "policy"},
  };
  for (const Case& c : cases) {
    const auto error = CheckTerminateRequest(Parse<v1::TerminateCallRequest>(c.request));
    EXPECT_EQ(error ? error->violations.at(0).field : "", c.refused) << c.request;
  }
}

TEST(TerminateRequestTest, UnknownEnumNumbers) {
  auto request = Parse<v1::TerminateCallRequest>("name: 'calls/a'");
  request.set_intent(static_cast<v1::Intent>(99));
  EXPECT_EQ(CheckTerminateRequest(request)->violations[0].field, "intent");
  request.clear_intent();
  request.set_wait(static_cast<v1::Wait>(-1));
  EXPECT_EQ(CheckTerminateRequest(request)->violations[0].field, "wait");
}

}  // namespace
}  // namespace adieu::policy
