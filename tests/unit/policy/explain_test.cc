#include "server/policy/explain.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/policy/calls.h"
#include "tests/unit/policy/policies.h"

namespace adieu::policy {
namespace {

using Lines = std::vector<std::string>;

constexpr char kEnforced[] = "mode: CANCEL_POLICY_MODE_ENFORCED ";
constexpr char kShadow[] = "mode: CANCEL_POLICY_MODE_SHADOW ";
constexpr char kDisabled[] = "mode: CANCEL_POLICY_MODE_DISABLED ";

std::string Rule(const std::string& id, const std::string& rest) {
  return "rules { id: '" + id + "' treatment { as_intent: INTENT_BUSY } " + rest + " } ";
}

std::string Word(const std::string& value, const std::string& prefix) {
  std::string word = value.substr(prefix.size());
  for (char& c : word) c = static_cast<char>(std::tolower(c));
  return word;
}

// `policy/rule mode verdict`, of all but the built-in policy.
Lines Verdicts(const v1::ExplainCancelPolicyResponse& response) {
  Lines lines;
  for (const v1::RuleExplanation& rule : response.rule_explanations()) {
    if (rule.policy() == "cancelPolicies/builtin") continue;
    lines.push_back(rule.policy().substr(15) + '/' + rule.rule() + ' ' +
                    Word(v1::CancelPolicyMode_Name(rule.mode()), "CANCEL_POLICY_MODE_") + ' ' +
                    Word(v1::RuleVerdict_Name(rule.verdict()), "RULE_VERDICT_"));
  }
  return lines;
}

// `node[condition]=tested +`, branches in parentheses; `-` where it does not hold.
std::string Tree(const v1::MatchExplanation& node) {
  std::string tree = node.node();
  if (!node.condition().empty()) tree += '[' + node.condition() + ']';
  if (!node.tested().empty()) tree += '=' + node.tested();
  tree += node.holds() ? " +" : " -";
  if (node.branches().empty()) return tree;
  tree += " (";
  for (int i = 0; i < node.branches_size(); ++i) tree += (i == 0 ? "" : ", ") + Tree(node.branches(i));
  return tree + ')';
}

TEST(ExplainTest, EveryRuleInItsPlace) {
  const std::string request = "triggers: TRIGGER_REQUEST ";
  const std::string other = "match { caller_user_agent { exact: 'Bar' } } ";
  const PolicySet set(
      {Policy("off", kDisabled + ("priority: 9 " + Rule("a", request))),
       Policy("none",
              kEnforced + ("priority: 8 " + Rule("a", "triggers: TRIGGER_DRAIN") +
                           Rule("b", request + "intents: INTENT_MOVED") + Rule("c", request + other))),
       Policy("shadow", kShadow + ("priority: 7 " + Rule("a", request + other) + Rule("b", request) +
                                   Rule("c", request))),
       Policy("decides", kEnforced + ("priority: 6 " + Rule("a", request + other) + Rule("b", request) +
                                      Rule("c", request))),
       Policy("late", kShadow + Rule("a", request)), Policy("late-off", kDisabled + Rule("a", request))});
  const v1::Call call = From("Foo");
  const auto response = Explain(set, {.call = &call, .intent = v1::INTENT_QUIET, .now = {}});
  EXPECT_EQ(
      Verdicts(response),
      (Lines{"off/a disabled disabled", "none/a enforced other_trigger", "none/b enforced other_intent",
             "none/c enforced no_match", "shadow/a shadow no_match", "shadow/b shadow matched",
             "shadow/c shadow not_reached", "decides/a enforced no_match", "decides/b enforced matched",
             "decides/c enforced not_reached", "late/a shadow not_reached", "late-off/a disabled disabled"}));
  EXPECT_EQ(response.policy(), "cancelPolicies/decides");
  EXPECT_EQ(response.rule(), "b");
  EXPECT_EQ(response.treatment().final_response().status_code(), 486);
  ASSERT_EQ(response.shadow_decisions_size(), 1);
  EXPECT_EQ(response.shadow_decisions(0).policy(), "cancelPolicies/shadow");
  EXPECT_EQ(response.shadow_decisions(0).rule(), "b");
  ASSERT_EQ(response.messages_size(), 1);
  EXPECT_EQ(response.messages(0).text(), "SIP/2.0 486 Busy Here");
  // The built-in policy is there as well, and last.
  EXPECT_EQ(response.rule_explanations().rbegin()->policy(), "cancelPolicies/builtin");
  EXPECT_EQ(response.rule_explanations().rbegin()->verdict(), v1::RULE_VERDICT_NOT_REACHED);
}

TEST(ExplainTest, ACodeThatIsNotNamed) {
  const std::string failure = "triggers: TRIGGER_FAR_END_FAILURE ";
  const PolicySet set({Policy("a", kEnforced + Rule("wide", failure) +
                                       Rule("named", failure + "match { far_end_status { min: 401 } }"))});
  v1::Call call = From("Foo");
  call.mutable_callee()->set_last_status_code(401);
  const Question question{.call = &call, .trigger = v1::TRIGGER_FAR_END_FAILURE, .now = {}};
  EXPECT_EQ(Verdicts(Explain(set, question)),
            (Lines{"a/wide enforced code_not_named", "a/named enforced matched"}));
  call.mutable_callee()->set_last_status_code(407);
  const auto response = Explain(set, question);
  EXPECT_EQ(Verdicts(response), (Lines{"a/wide enforced code_not_named", "a/named enforced code_not_named"}));
  EXPECT_EQ(response.policy() + '/' + response.rule(), "cancelPolicies/builtin/relay_failure");
}

TEST(ExplainTest, TheFirstPolicyStandsFirstAndOnce) {
  const auto first = Policy("f", kDisabled + Rule("a", "triggers: TRIGGER_REQUEST intents: INTENT_MOVED"));
  const PolicySet set({first, Policy("a", kEnforced + Rule("a", "triggers: TRIGGER_REQUEST"))});
  const v1::Call call = From("Foo");
  EXPECT_EQ(Verdicts(Explain(set, {.call = &call, .now = {}, .first = first})),
            (Lines{"f/a enforced other_intent", "a/a enforced matched"}));
}

std::string Explained(const std::string& match, const v1::Call& call) {
  const PolicySet set(
      {Policy("a", kEnforced + Rule("a", "triggers: TRIGGER_REQUEST match { " + match + " }"))});
  const std::chrono::system_clock::time_point now{std::chrono::seconds(1000)};
  const auto response = Explain(set, {.call = &call, .now = now});
  const v1::RuleExplanation& rule = response.rule_explanations(0);
  EXPECT_TRUE(rule.has_match());
  EXPECT_EQ(rule.match().holds(), rule.verdict() == v1::RULE_VERDICT_MATCHED);
  return Tree(rule.match());
}

TEST(ExplainTest, Nodes) {
  const auto call = Parse<v1::Call>(R"pb(
    name: "calls/abc"
    state: CALL_STATE_RINGING
    route: "parking"
    labels { key: "queue" value: "support" }
    create_time { seconds: 990 nanos: 500000000 }
    caller {
      sip_call_id: "id-1"
      from_uri: "\"A\" <sip:alice@example.com;x=y>"
      to_uri: "sip:bob@example.com"
      request_uri: "sip:bob@192.0.2.9:5070"
      user_agent: "Linphone/5.1"
      remote_address: "192.0.2.7:5060"
      headers { name: "X-Tenant" value: "blue" }
      headers { name: "x-tenant" value: "green" }
    }
    callee {
      sip_call_id: "id-2"
      user_agent: "snom"
      request_uri: "sip:bob@10.0.0.1"
      last_status_code: 480
      headers { name: "Reason" value: "Q.850;cause=16" }
    }
  )pb");
  struct Case {
    std::string match;
    std::string tree;
  };
  const Case cases[] = {
      {"every_call {}", "every_call +"},
      {"names { values: 'calls/b' values: 'calls/abc' }", "names[one of calls/abc, calls/b]=calls/abc +"},
      {"names { values: 'a' values: 'b' values: 'c' values: 'd' values: 'e' }",
       "names[one of a, b, c and 2 more]=calls/abc -"},
      {"sip_call_ids { values: 'id-2' }", "sip_call_ids[one of id-2]=id-1, id-2 +"},
      {"state: CALL_STATE_ANSWERED", "state[CALL_STATE_ANSWERED]=CALL_STATE_RINGING -"},
      {"from_uri { exact: 'sip:alice@example.com' }",
       "from_uri[exact \"sip:alice@example.com\"]=sip:alice@example.com +"},
      {"to_uri { prefix: 'sip:carol' }", "to_uri[prefix \"sip:carol\"]=sip:bob@example.com -"},
      {"request_uri { suffix: ':5070' }", "request_uri[suffix \":5070\"]=sip:bob@192.0.2.9:5070 +"},
      {"caller_user_agent { contains: 'PHONE' ignore_case: true }",
       "caller_user_agent[contains \"PHONE\" ignoring case]=Linphone/5.1 +"},
      {"callee_user_agent { regex: 's.*' }", "callee_user_agent[regex \"s.*\"]=snom +"},
      {"caller_network: '192.0.2.0/24'", "caller_network[192.0.2.0/24]=192.0.2.7:5060 +"},
      {"route { exact: 'x' }", "route[exact \"x\"]=parking -"},
      {"target { prefix: 'sip:bob@' }", "target[prefix \"sip:bob@\"]=sip:bob@10.0.0.1 +"},
      {"header { name: 'X-Tenant' value { exact: 'green' } }",
       "header[X-Tenant exact \"green\"]=blue, green +"},
      {"header { name: 'X-None' }", "header[X-None is there] -"},
      {"label { key: 'queue' }", "label[queue is there]=support +"},
      {"label { key: 'none' value { exact: '' } }", "label[none exact \"\"] +"},
      {"min_age { seconds: 9 }", "min_age[9s]=9.500s +"},
      {"min_age { seconds: 9 nanos: 750000000 }", "min_age[9.750s]=9.500s -"},
      {"far_end_status { min: 480 }", "far_end_status[480]=480 +"},
      {"far_end_status { min: 500 max: 599 }", "far_end_status[500-599]=480 -"},
      {"far_end_reason { q850_cause: 16 }", "far_end_reason[Q.850;cause=16]=Q.850;cause=16 +"},
      {"far_end_reason { sip_status: 486 }", "far_end_reason[SIP;cause=486]=Q.850;cause=16 -"},
      // Every branch is told, also where the result was clear before.
      {"any_of { matches { every_call {} } matches { state: CALL_STATE_ANSWERED } matches { every_call {} } "
       "}",
       "any_of + (every_call +, state[CALL_STATE_ANSWERED]=CALL_STATE_RINGING -, every_call +)"},
      {"none_of { matches { every_call {} } matches { all_of { matches { every_call {} } } } }",
       "none_of - (every_call +, all_of + (every_call +))"},
  };
  for (const Case& c : cases) EXPECT_EQ(Explained(c.match, call), c.tree) << c.match;
  const v1::Call bare;
  EXPECT_EQ(Explained("min_age {}", bare), "min_age[0s] -");
  EXPECT_EQ(Explained("far_end_status { min: 480 }", bare), "far_end_status[480] -");
  EXPECT_EQ(Explained("target { exact: '' }", bare), "target[exact \"\"] +");
  EXPECT_EQ(Explained("far_end_reason { q850_cause: 16 }", bare), "far_end_reason[Q.850;cause=16] -");
}

}  // namespace
}  // namespace adieu::policy
