#include "server/policy/shipped.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "server/policy/builtin.h"
#include "tests/unit/policy/calls.h"

namespace adieu::policy {
namespace {

TEST(ShippedTest, Heads) {
  const v1::CancelPolicy& builtin = BuiltinPolicy()->policy();
  EXPECT_EQ(builtin.name(), kBuiltinPolicy);
  EXPECT_EQ(builtin.mode(), v1::CANCEL_POLICY_MODE_ENFORCED);
  ASSERT_EQ(ShippedPolicies().size(), 1u);
  const v1::CancelPolicy& quiet_kills = ShippedPolicies()[0]->policy();
  EXPECT_EQ(quiet_kills.name(), "cancelPolicies/quiet-kills");
  EXPECT_EQ(quiet_kills.mode(), v1::CANCEL_POLICY_MODE_DISABLED);
  for (const v1::CancelPolicy* policy : {&builtin, &quiet_kills}) {
    EXPECT_EQ(policy->origin(), v1::CANCEL_POLICY_ORIGIN_SHIPPED);
    EXPECT_FALSE(policy->has_create_time());
    EXPECT_EQ(policy->etag().size(), 16u);
  }
  EXPECT_NE(builtin.etag(), quiet_kills.etag());
}

TEST(ShippedTest, EveryRuleGivesItsEvidence) {
  const std::set<std::string> kinds = {"Measured:", "Source:", "Document:", "Assumed:"};
  std::set<std::string> found;
  for (const v1::Rule& rule : BuiltinPolicy()->policy().rules()) {
    const std::string kind = rule.description().substr(0, rule.description().find(' '));
    EXPECT_TRUE(kinds.contains(kind)) << rule.id();
    EXPECT_GT(rule.description().size(), kind.size() + 10) << rule.id();
    found.insert(kind);
  }
  EXPECT_EQ(found, kinds);
}

// An answer is found in two steps at most: what as_intent leads to has an ending of its own.
TEST(ShippedTest, BuiltinNeverGoesRoundInCircles) {
  for (const v1::Rule& rule : BuiltinPolicy()->policy().rules()) {
    if (rule.treatment().caller_case() != v1::Treatment::kAsIntent) continue;
    for (const v1::Rule& next : BuiltinPolicy()->policy().rules()) {
      for (const int intent : next.intents()) {
        if (intent != rule.treatment().as_intent()) continue;
        EXPECT_EQ(next.treatment().caller_case(), v1::Treatment::kFinalResponse) << next.id();
      }
    }
  }
}

// The rules after the last one that needs no match are never reached; each intent ends with one.
TEST(ShippedTest, EveryIntentEndsWithARuleForEveryCall) {
  for (int intent = v1::INTENT_QUIET; intent <= v1::Intent_MAX; ++intent) {
    const v1::Rule* last = nullptr;
    for (const v1::Rule& rule : BuiltinPolicy()->policy().rules()) {
      for (const int number : rule.intents()) {
        if (number != intent) continue;
        EXPECT_TRUE(last == nullptr || last->has_match()) << rule.id() << " is never reached";
        last = &rule;
      }
    }
    ASSERT_NE(last, nullptr) << v1::Intent_Name(static_cast<v1::Intent>(intent));
    EXPECT_FALSE(last->has_match()) << last->id();
  }
}

}  // namespace
}  // namespace adieu::policy
