#include "server/policy/sweep_check.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/policy/textproto.h"

namespace adieu::policy {
namespace {

struct Case {
  std::string request;
  std::string refused;  // empty: nothing
};

TEST(SweepCheckTest, Fields) {
  const std::string match = "match { every_call {} } ";
  const std::string good = match + "max_calls: 1 ";
  const Case cases[] = {
      {good, ""},
      {good + "policy: 'cancelPolicies/a'", ""},
      {good + "policy: ''", "policy"},
      {good + "policy: 'a'", "policy"},
      {good + "inline_policy {}", ""},
      {good + "inline_policy { name: 'cancelPolicies/a' }", ""},
      {good + "inline_policy { name: 'a' }", "inline_policy.name"},
      {"max_calls: 1", "match"},
      {match, "max_calls"},
      {match + "max_calls: -1", "max_calls"},
      {match + "max_calls: 100000", ""},
      {match + "max_calls: 100001", "max_calls"},
      {good + "calls_per_second: 10000", ""},
      {good + "calls_per_second: 0.5", ""},
      {good + "calls_per_second: 10000.1", "calls_per_second"},
      {good + "calls_per_second: -1", "calls_per_second"},
      {good + "calls_per_second: nan", "calls_per_second"},
      {good + "calls_per_second: inf", "calls_per_second"},
      {good + "intent: INTENT_BUSY", ""},
      {good + "note: '" + std::string(257, 'n') + "'", "note"},
      {good + "note: 'a\\nb'", "note"},
      {good + "request_id: '" + std::string(129, 'r') + "'", "request_id"},
      {good + "request_id: 'é'", "request_id"},
      {good + "sweep: 'sweeps/a'", "sweep"},
      {good + "sweep: 'sweeps/01a' request_id: 'a'", ""},
      {good + "sweep: 'a' request_id: 'a'", "sweep"},
      {good + "sweep: 'sweeps/a\\nb' request_id: 'a'", "sweep"},
      {good + "request_id: 'a b' note: 'ü' validate_only: true", ""},
  };
  for (const Case& c : cases) {
    const auto error = CheckApplyRequest(Parse<v1::ApplyCancelPolicyRequest>(c.request));
    EXPECT_EQ(error ? error->violations.at(0).field : "", c.refused) << c.request;
  }
  auto request = Parse<v1::ApplyCancelPolicyRequest>(good);
  request.set_intent(static_cast<v1::Intent>(77));
  EXPECT_EQ(CheckApplyRequest(request)->violations.at(0).field, "intent");
}

}  // namespace
}  // namespace adieu::policy
