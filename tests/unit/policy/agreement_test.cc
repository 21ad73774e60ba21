// Policies and calls made at random: every question has an answer, and Explain says what Choose does.
// Whatever is compiled keeps its limits.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "server/policy/choose.h"
#include "server/policy/explain.h"
#include "server/policy/render.h"
#include "server/policy/treatment_check.h"
#include "server/policy/trigger_table.h"
#include "tests/unit/policy/calls.h"
#include "tests/unit/policy/dice.h"

namespace adieu::policy {
namespace {

const std::vector<std::string>& UserAgents() {
  static const std::vector<std::string> agents = {
      "", "baresip v1", "Linphone/5.1", "Linphone/6.0", "Foo", "Yealink", "Asterisk", "JsSIP", "Twinkle"};
  return agents;
}

const std::vector<int>& Codes() {
  static const std::vector<int> codes = {0, 180, 302, 380, 401, 407, 422, 480, 486, 487, 503, 603};
  return codes;
}

void FillText(Dice& dice, v1::StringMatch* match) {
  static const std::vector<std::string> texts = {"F", "bare", "Linphone/5.1", "o", "sip:a@x", "parking"};
  const std::string& text = dice.Of(texts);
  switch (dice.Upto(5)) {
    case 0:
      match->set_exact(text);
      break;
    case 1:
      match->set_prefix(text);
      break;
    case 2:
      match->set_suffix(text);
      break;
    case 3:
      match->set_contains(text);
      break;
    default:
      match->set_regex(".*" + text + ".*");
      break;
  }
  match->set_ignore_case(dice.OneIn(3));
}

void FillMatch(Dice& dice, int depth, v1::CallMatch* match) {
  if (depth < 4 && dice.OneIn(2)) {
    v1::CallMatchList* list = dice.OneIn(3)   ? match->mutable_none_of()
                              : dice.OneIn(2) ? match->mutable_all_of()
                                              : match->mutable_any_of();
    for (int n = 1 + dice.Upto(3); n > 0; --n) FillMatch(dice, depth + 1, list->add_matches());
    return;
  }
  switch (dice.Upto(9)) {
    case 0:
      match->mutable_every_call();
      break;
    case 1:
      FillText(dice, match->mutable_caller_user_agent());
      break;
    case 2:
      FillText(dice, match->mutable_from_uri());
      break;
    case 3:
      match->set_state(dice.OneIn(2) ? v1::CALL_STATE_RINGING : v1::CALL_STATE_ANSWERED);
      break;
    case 4:
      match->set_caller_network(dice.OneIn(2) ? "192.0.2.0/24" : "2001:db8::/32");
      break;
    case 5:
      match->mutable_header()->set_name("X-A");
      if (dice.OneIn(2)) FillText(dice, match->mutable_header()->mutable_value());
      break;
    case 6:
      match->mutable_min_age()->set_seconds(dice.Upto(20));
      break;
    case 7:
      match->mutable_far_end_status()->set_min(std::max(300, dice.Of(Codes())));
      if (dice.OneIn(3)) match->mutable_far_end_status()->set_max(699);
      break;
    default:
      match->mutable_far_end_reason()->set_q850_cause(16 + dice.Upto(2));
      break;
  }
}

void FillTreatment(Dice& dice, v1::Treatment* treatment) {
  switch (dice.Upto(7)) {
    case 0:
      break;
    case 1:
      treatment->mutable_relay();
      break;
    case 2:
      treatment->mutable_proceed();
      break;
    case 3:
      treatment->set_as_intent(static_cast<v1::Intent>(1 + dice.Upto(v1::Intent_MAX)));
      break;
    case 4:
      treatment->mutable_redirect()->add_contacts("sip:a@b");
      break;
    default:
      treatment->mutable_final_response()->set_status_code(400 + dice.Upto(20));
      break;
  }
  if (dice.OneIn(3)) treatment->add_cancel_reasons()->set_sip_status(600);
}

// Mostly for triggers that allow its treatment.
void FillRule(Dice& dice, v1::Rule* rule) {
  FillTreatment(dice, rule->mutable_treatment());
  const bool honest = !dice.OneIn(12);
  bool any_intent = false;
  for (int number = 1; number <= v1::Trigger_MAX; ++number) {
    const auto trigger = static_cast<v1::Trigger>(number);
    if (dice.OneIn(3) || (honest && CheckAllowed(rule->treatment(), trigger, ""))) continue;
    rule->add_triggers(trigger);
    any_intent = any_intent || trigger == v1::TRIGGER_REQUEST;
  }
  for (int intent = 1; intent <= v1::Intent_MAX; ++intent) {
    if ((any_intent || !honest) && dice.OneIn(6)) rule->add_intents(static_cast<v1::Intent>(intent));
  }
  if (dice.OneIn(2)) FillMatch(dice, 1, rule->mutable_match());
}

v1::CancelPolicy AnyPolicy(Dice& dice, int number) {
  v1::CancelPolicy policy;
  policy.set_name("cancelPolicies/p" + std::to_string(number));
  policy.set_mode(static_cast<v1::CancelPolicyMode>(dice.Upto(4)));
  policy.set_priority(dice.Upto(5));
  for (int n = 1 + dice.Upto(5); n > 0; --n) {
    v1::Rule* rule = policy.add_rules();
    rule->set_id("r" + std::to_string(n));
    FillRule(dice, rule);
  }
  return policy;
}

v1::Call AnyCall(Dice& dice) {
  v1::Call call = From(dice.Of(UserAgents()));
  call.set_state(static_cast<v1::CallState>(dice.Upto(v1::CallState_MAX + 1)));
  call.mutable_caller()->set_state(call.state());
  call.mutable_caller()->set_from_uri(dice.OneIn(2) ? "sip:a@x" : "sip:b@y");
  call.mutable_caller()->set_remote_address(dice.OneIn(2) ? "192.0.2.7:5060" : "[2001:db8::1]:5060");
  if (dice.OneIn(2)) call.mutable_create_time()->set_seconds(990);
  if (dice.OneIn(2)) {
    v1::Header* header = call.mutable_caller()->add_headers();
    header->set_name("x-a");
    header->set_value(dice.OneIn(2) ? "Foo" : "");
  }
  if (dice.OneIn(4)) return call;
  call.mutable_callee()->set_state(call.state());
  call.mutable_callee()->set_last_status_code(dice.Of(Codes()));
  if (dice.OneIn(2)) {
    v1::Header* header = call.mutable_callee()->add_headers();
    header->set_name("Reason");
    header->set_value(dice.OneIn(2) ? "Q.850;cause=16" : "SIP;cause=480, Q.850;cause=17");
  }
  return call;
}

struct Tally {
  int refused = 0;
  std::set<v1::RuleVerdict> verdicts;
  int shadows = 0;
  int by_builtin = 0;
  int by_others = 0;
};

// The explanation of each rule, against what is known of the choice.
void ExpectTold(const v1::ExplainCancelPolicyResponse& told, const Choice& choice, Tally* tally) {
  size_t shadow = 0;
  bool decided = false;
  for (const v1::RuleExplanation& rule : told.rule_explanations()) {
    tally->verdicts.insert(rule.verdict());
    if (rule.has_match()) {
      EXPECT_EQ(rule.match().holds(), rule.verdict() == v1::RULE_VERDICT_MATCHED);
    }
    EXPECT_EQ(rule.verdict() == v1::RULE_VERDICT_DISABLED, rule.mode() == v1::CANCEL_POLICY_MODE_DISABLED);
    if (rule.verdict() != v1::RULE_VERDICT_MATCHED) continue;
    EXPECT_FALSE(decided) << "a rule matched after the one that decides";
    if (rule.mode() == v1::CANCEL_POLICY_MODE_SHADOW) {
      ASSERT_LT(shadow, choice.shadows.size());
      EXPECT_EQ(rule.policy() + rule.rule(), choice.shadows[shadow].policy() + choice.shadows[shadow].rule());
      ++shadow;
    } else {
      decided = true;
      EXPECT_EQ(rule.policy() + rule.rule(), choice.policy->policy().name() + choice.rule->id());
    }
  }
  EXPECT_TRUE(decided);
  EXPECT_EQ(shadow, choice.shadows.size());
}

void ExpectAgreement(const PolicySet& set, const Question& question, Tally* tally) {
  const Choice choice = Choose(set, question);
  ASSERT_NE(choice.policy, nullptr);
  ASSERT_NE(choice.rule, nullptr);
  const v1::ExplainCancelPolicyResponse told = Explain(set, question);
  EXPECT_EQ(told.policy(), choice.policy->policy().name());
  EXPECT_EQ(told.rule(), choice.rule->id());
  EXPECT_EQ(told.treatment().SerializeAsString(), choice.treatment.SerializeAsString());
  ASSERT_EQ(static_cast<size_t>(told.shadow_decisions_size()), choice.shadows.size());
  for (size_t i = 0; i < choice.shadows.size(); ++i) {
    EXPECT_EQ(told.shadow_decisions(static_cast<int>(i)).SerializeAsString(),
              choice.shadows[i].SerializeAsString());
  }
  ExpectTold(told, choice, tally);
  // What was chosen is allowed, complete and can be rendered.
  EXPECT_FALSE(CheckTreatment(choice.treatment, question.trigger, "treatment"));
  EXPECT_NE(choice.treatment.caller_case(), v1::Treatment::CALLER_NOT_SET);
  EXPECT_NE(choice.treatment.caller_case(), v1::Treatment::kAsIntent);
  EXPECT_FALSE(Render(choice.treatment).reason_phrase.empty());
  tally->shadows += static_cast<int>(choice.shadows.size());
  ++(choice.policy->policy().name() == "cancelPolicies/builtin" ? tally->by_builtin : tally->by_others);
}

// Of the policies that are made, those that are accepted.
PolicySet::Policies Accepted(Dice& dice, Tally* tally) {
  PolicySet::Policies policies;
  for (int n = dice.Upto(6); n > 0; --n) {
    auto compiled = CompiledPolicy::Compile(AnyPolicy(dice, n), "policy", {});
    if (compiled.ok()) {
      policies.push_back(*compiled);
    } else {
      EXPECT_EQ(compiled.error().violations.size(), 1u);
      ++tally->refused;
    }
  }
  return policies;
}

TEST(AgreementTest, ExplainNeverDisagreesWithChoose) {
  Dice dice(20261128);
  Tally tally;
  for (int round = 0; round < 3000 && !testing::Test::HasFailure(); ++round) {
    const PolicySet::Policies policies = Accepted(dice, &tally);
    const PolicySet set(policies);
    for (int n = 4; n > 0; --n) {
      const v1::Call call = AnyCall(dice);
      Question question{.call = &call,
                        .now = std::chrono::system_clock::time_point(std::chrono::seconds(1000))};
      question.trigger = static_cast<v1::Trigger>(1 + dice.Upto(v1::Trigger_MAX));
      question.intent = static_cast<v1::Intent>(dice.Upto(v1::Intent_MAX + 1));
      if (!policies.empty() && dice.OneIn(4)) question.first = dice.Of(policies);
      ExpectAgreement(set, question, &tally);
    }
  }
  // The dice make all kinds; else this test would test nothing.
  EXPECT_GT(tally.refused, 500);
  EXPECT_GT(tally.shadows, 500);
  EXPECT_GT(tally.by_builtin, 500);
  EXPECT_GT(tally.by_others, 500);
  EXPECT_EQ(tally.verdicts.size(), 7u);
}

}  // namespace
}  // namespace adieu::policy
