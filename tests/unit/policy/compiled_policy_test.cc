#include "server/policy/compiled_policy.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/policy/policies.h"

namespace adieu::policy {
namespace {

const std::string kName = "name: 'cancelPolicies/a' ";
const std::string kRule = "rules { id: 'r' triggers: TRIGGER_REQUEST treatment { as_intent: INTENT_BUSY } } ";

// A policy with one rule that has these fields beside an id.
std::string OneRule(const std::string& fields) { return kName + "rules { id: 'r' " + fields + " }"; }

// The same, for requests, with a treatment.
std::string Match(const std::string& match) {
  return OneRule("triggers: TRIGGER_REQUEST treatment {} match { " + match + " }");
}

std::string Treatment(const std::string& triggers, const std::string& treatment) {
  return OneRule(triggers + " treatment { " + treatment + " }");
}

std::string Times(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

std::string Rules(int count) {
  std::string rules = kName;
  for (int i = 0; i < count; ++i) {
    rules += "rules { id: 'r" + std::to_string(i) + "' triggers: TRIGGER_REQUEST treatment {} } ";
  }
  return rules;
}

struct Case {
  std::string policy;
  std::string refused;  // below `cancel_policy.`; "ok": nothing
};

void ExpectAll(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    auto compiled = CompiledPolicy::Compile(Parse<v1::CancelPolicy>(c.policy), "cancel_policy",
                                            std::vector<std::string>{"192.0.2.1:5060"});
    std::string refused = "ok";
    if (!compiled.ok()) {
      EXPECT_EQ(compiled.error().reason, "INVALID_FIELD");
      refused = compiled.error().violations.at(0).field;
      EXPECT_TRUE(refused.starts_with("cancel_policy.")) << refused;
      refused = refused.substr(14);
    }
    EXPECT_EQ(refused, c.refused) << c.policy.substr(0, 300);
  }
}

TEST(CompiledPolicyTest, Head) {
  const std::string a63(63, 'a');
  ExpectAll({{kName + kRule, "ok"},
             {"name: 'cancelPolicies/" + a63 + "' " + kRule, "ok"},
             {"name: 'cancelPolicies/" + a63 + "a' " + kRule, "name"},
             {kRule, "name"},
             {"name: 'cancelPolicies/A' " + kRule, "name"},
             {"name: 'a' " + kRule, "name"},
             {kName + kRule + "description: 'two\\nlines\\r\\nand ü'", "ok"},
             {kName + kRule + "description: 'a\\tb'", "description"},
             {kName + kRule + "description: '" + std::string(1024, 'd') + "'", "ok"},
             {kName + kRule + "description: '" + std::string(1025, 'd') + "'", "description"},
             {kName + kRule + "priority: 1000000", "ok"},
             {kName + kRule + "priority: -1000000", "ok"},
             {kName + kRule + "priority: 1000001", "priority"},
             {kName + kRule + "priority: -1000001", "priority"},
             {kName, "rules"},
             {Rules(256), "ok"},
             {Rules(257), "rules"}});
}

TEST(CompiledPolicyTest, Modes) {
  auto policy = Parse<v1::CancelPolicy>(kName + kRule);
  EXPECT_EQ((*CompiledPolicy::Compile(policy, "", {}))->policy().mode(), v1::CANCEL_POLICY_MODE_DISABLED);
  policy.set_mode(v1::CANCEL_POLICY_MODE_SHADOW);
  EXPECT_EQ((*CompiledPolicy::Compile(policy, "", {}))->policy().mode(), v1::CANCEL_POLICY_MODE_SHADOW);
  policy.set_mode(static_cast<v1::CancelPolicyMode>(9));
  EXPECT_EQ(CompiledPolicy::Compile(policy, "", {}).error().violations.at(0).field, "mode");
}

TEST(CompiledPolicyTest, RuleIdsAndDescriptions) {
  const std::string rest = "triggers: TRIGGER_REQUEST treatment {} }";
  ExpectAll({{kName + "rules { " + rest, "rules[0].id"},
             {kName + "rules { id: 'a-b_c1' " + rest, "ok"},
             {kName + "rules { id: '" + std::string(63, 'a') + "' " + rest, "ok"},
             {kName + "rules { id: '" + std::string(64, 'a') + "' " + rest, "rules[0].id"},
             {kName + "rules { id: '1a' " + rest, "rules[0].id"},
             {kName + "rules { id: '_a' " + rest, "rules[0].id"},
             {kName + "rules { id: 'A' " + rest, "rules[0].id"},
             {kName + "rules { id: 'a b' " + rest, "rules[0].id"},
             {kName + kRule + "rules { id: 'r' " + rest, "rules[1].id"},
             {kName + kRule + "rules { id: 's' description: 'a\\x07' " + rest, "rules[1].description"},
             {kName + kRule + "rules { id: 's' description: 'a\\nb' " + rest, "ok"}});
}

TEST(CompiledPolicyTest, Triggers) {
  ExpectAll(
      {{OneRule("treatment {}"), "rules[0].triggers"},
       {OneRule("treatment {} triggers: TRIGGER_UNSPECIFIED"), "rules[0].triggers[0]"},
       {OneRule("treatment {} triggers: TRIGGER_DRAIN triggers: TRIGGER_DRAIN"), "rules[0].triggers[1]"},
       {OneRule("treatment {} triggers: TRIGGER_DRAIN triggers: TRIGGER_REQUEST"), "ok"}});
  auto policy = Parse<v1::CancelPolicy>(kName + kRule);
  policy.mutable_rules(0)->add_triggers(static_cast<v1::Trigger>(77));
  EXPECT_EQ(CompiledPolicy::Compile(policy, "", {}).error().violations.at(0).field, "rules[0].triggers[1]");
}

TEST(CompiledPolicyTest, Intents) {
  const auto with = [](const std::string& triggers, const std::string& intents) {
    return OneRule("treatment {} " + triggers + " " + intents);
  };
  const std::string refused = "rules[0].intents";
  ExpectAll(
      {{with("triggers: TRIGGER_REQUEST", "intents: INTENT_QUIET intents: INTENT_BUSY"), "ok"},
       {with("triggers: TRIGGER_REQUEST", "intents: INTENT_QUIET intents: INTENT_QUIET"), refused + "[1]"},
       {with("triggers: TRIGGER_REQUEST", "intents: INTENT_UNSPECIFIED"), refused + "[0]"},
       {with("triggers: TRIGGER_RING_TIMEOUT", "intents: INTENT_TRY_LATER"), "ok"},
       {with("triggers: TRIGGER_RING_TIMEOUT", "intents: INTENT_BUSY"), refused},
       {with("triggers: TRIGGER_DRAIN", "intents: INTENT_MAINTENANCE"), "ok"},
       {with("triggers: TRIGGER_DRAIN", "intents: INTENT_TRY_LATER"), refused},
       {with("triggers: TRIGGER_DRAIN triggers: TRIGGER_RING_TIMEOUT", "intents: INTENT_TRY_LATER"), "ok"},
       {with("triggers: TRIGGER_ARRIVAL", "intents: INTENT_QUIET"), refused},
       {with("triggers: TRIGGER_FAR_END_FAILURE", "intents: INTENT_QUIET"), refused},
       {with("triggers: TRIGGER_CALLER_CANCEL", "intents: INTENT_QUIET"), refused},
       {with("triggers: TRIGGER_ARRIVAL triggers: TRIGGER_REQUEST", "intents: INTENT_QUIET"), "ok"}});
  auto policy = Parse<v1::CancelPolicy>(kName + kRule);
  policy.mutable_rules(0)->add_intents(static_cast<v1::Intent>(77));
  EXPECT_EQ(CompiledPolicy::Compile(policy, "", {}).error().violations.at(0).field, "rules[0].intents[0]");
}

TEST(CompiledPolicyTest, Matches) {
  const std::string leaf = "matches { every_call {} } ";
  std::string deep = "every_call {}";
  for (int i = 1; i < 8; ++i) deep = "all_of { matches { " + deep + " } }";
  ExpectAll({{Match("every_call {}"), "ok"},
             {Match(""), "rules[0].match"},
             {Match("caller_user_agent { regex: '(' }"), "rules[0].match.caller_user_agent.regex"},
             {Match("any_of { " + Times(63, leaf) + "}"), "ok"},
             {Match("any_of { " + Times(64, leaf) + "}"), "rules[0].match.any_of.matches[63]"},
             {Match(deep), "ok"},
             {Match("none_of { matches { " + deep + " } }"),
              "rules[0].match.none_of.matches[0]" + Times(7, ".all_of.matches[0]")}});
}

TEST(CompiledPolicyTest, ExpressionsTogether) {
  const std::string large = "matches { caller_user_agent { regex: '" + Times(16, "a{1000}") + "' } } ";
  const auto with = [&](int count) {
    const std::string match = "match { any_of { " + Times(count, large) + "} } ";
    return OneRule("triggers: TRIGGER_REQUEST treatment {} " + match) +
           "rules { id: 's' triggers: TRIGGER_REQUEST treatment {} " + match + "} ";
  };
  ExpectAll({{with(3), "ok"}, {with(4), "rules[1].match"}, {with(7), "rules[0].match"}});
}

TEST(CompiledPolicyTest, TreatmentsByTrigger) {
  const std::string request = "triggers: TRIGGER_REQUEST ";
  const std::string failure = "triggers: TRIGGER_FAR_END_FAILURE ";
  const std::string cancel = "triggers: TRIGGER_CALLER_CANCEL ";
  const std::string arrival = "triggers: TRIGGER_ARRIVAL ";
  const std::string here = "rules[0].treatment";
  ExpectAll(
      {{OneRule(request), here},
       {OneRule(request + "treatment {}"), "ok"},
       {Treatment(request, "relay {}"), here + ".relay"},
       {Treatment(failure, "relay {}"), "ok"},
       {Treatment(failure + request, "relay {}"), here + ".relay"},
       {Treatment(failure + cancel, "relay {}"), "ok"},
       {Treatment(failure + arrival, "proceed {}"), here + ".proceed"},
       {Treatment(arrival, "proceed {}"), "ok"},
       {Treatment(cancel, "cancel_reasons { sip_status: 486 }"), "ok"},
       {Treatment(cancel, "relay {} cancel_reasons { sip_status: 486 }"), "ok"},
       {Treatment(cancel, "as_intent: INTENT_QUIET"), here},
       {Treatment(cancel + request, "final_response { status_code: 486 }"), here},
       {Treatment(cancel, "bye_reasons { q850_cause: 16 }"), here + ".bye_reasons"},
       {Treatment(request, "as_intent: INTENT_UNSPECIFIED"), here + ".as_intent"},
       {Treatment(request, "final_response { status_code: 200 }"), here + ".final_response.status_code"},
       {Treatment(request, "final_response { status_code: 486 reasons { q850_cause: 16 } }"),
        here + ".final_response.reasons[0].q850_cause"},
       {Treatment(request, "redirect { contacts: 'sip:a@192.0.2.2' }"), "ok"},
       {Treatment(request, "redirect { contacts: 'sip:a@b' contacts: 'sip:a@192.0.2.1' }"),
        here + ".redirect.contacts[1]"}});
}

TEST(CompiledPolicyTest, TellsWhichTriggerDoesNotAllowIt) {
  const auto compiled =
      CompiledPolicy::Compile(Parse<v1::CancelPolicy>(Treatment(
                                  "triggers: TRIGGER_FAR_END_FAILURE triggers: TRIGGER_DRAIN", "relay {}")),
                              "", {});
  EXPECT_NE(compiled.error().message.find("TRIGGER_DRAIN"), std::string::npos) << compiled.error().message;
}

struct NamedCase {
  std::string match;
  std::vector<int> codes;
};

TEST(CompiledPolicyTest, NamedCodes) {
  const NamedCase cases[] = {
      {"far_end_status { min: 401 }", {401}},
      {"far_end_status { min: 401 max: 401 }", {401}},
      {"far_end_status { min: 401 max: 407 }", {}},
      {"far_end_status { min: 486 }", {}},
      {"far_end_status { min: 302 }", {302}},
      {"any_of { matches { far_end_status { min: 422 } } matches { far_end_status { min: 407 } } }",
       {407, 422}},
      {"all_of { matches { any_of { matches { far_end_status { min: 399 } } } } matches { every_call {} } }",
       {399}},
      {"none_of { matches { far_end_status { min: 401 } } }", {}},
      {"none_of { matches { all_of { matches { far_end_status { min: 401 } } } } }", {}},
      {"every_call {}", {}},
  };
  for (const NamedCase& c : cases) {
    const auto compiled = CompiledPolicy::Compile(
        Parse<v1::CancelPolicy>(
            OneRule("triggers: TRIGGER_FAR_END_FAILURE treatment {} match { " + c.match + " }")),
        "", {});
    ASSERT_TRUE(compiled.ok()) << compiled.error().message;
    EXPECT_EQ((*compiled)->rules().at(0).named_codes, c.codes) << c.match;
  }
}

TEST(CompiledPolicyTest, HearsItsTriggers) {
  const auto policy = Policy("a",
                             "rules { id: 'a' triggers: TRIGGER_DRAIN treatment {} } "
                             "rules { id: 'b' triggers: TRIGGER_ARRIVAL treatment { proceed {} } }");
  EXPECT_TRUE(policy->Hears(v1::TRIGGER_DRAIN));
  EXPECT_TRUE(policy->Hears(v1::TRIGGER_ARRIVAL));
  EXPECT_FALSE(policy->Hears(v1::TRIGGER_REQUEST));
  EXPECT_FALSE(policy->Hears(v1::TRIGGER_UNSPECIFIED));
}

}  // namespace
}  // namespace adieu::policy
