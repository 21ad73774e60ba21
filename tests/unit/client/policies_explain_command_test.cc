#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/client/command.h"
#include "tests/unit/client/file.h"
#include "tests/unit/client/text.h"

namespace adieu::cli {
namespace {

using ::testing::HasSubstr;

void ServeAnExplanation(client::FakeServer& server) {
  server.explain_policy = [](const v1::ExplainCancelPolicyRequest&,
                             v1::ExplainCancelPolicyResponse* response) {
    *response = FromText<v1::ExplainCancelPolicyResponse>(R"(
      policy: "cancelPolicies/builtin" rule: "quiet-linphone"
      treatment { final_response { status_code: 480 reason_phrase: "Call ended" } bye_reasons { q850_cause: 16 } }
      messages { side: LEG_SIDE_CALLER text: "SIP/2.0 480 Call ended\r\nX-A: b\x1b\r\n" }
      messages { side: LEG_SIDE_CALLEE text: "CANCEL sip:b SIP/2.0" condition: "the first 1xx" }
      shadow_decisions { policy: "cancelPolicies/trial" rule: "all" treatment { final_response { status_code: 486 } } }
      rule_explanations { policy: "cancelPolicies/trial" mode: CANCEL_POLICY_MODE_SHADOW rule: "all" verdict: RULE_VERDICT_MATCHED }
      rule_explanations { policy: "cancelPolicies/night" mode: CANCEL_POLICY_MODE_ENFORCED rule: "late" verdict: RULE_VERDICT_OTHER_TRIGGER }
      rule_explanations { policy: "cancelPolicies/night" mode: CANCEL_POLICY_MODE_ENFORCED rule: "kill" verdict: RULE_VERDICT_OTHER_TRIGGER }
      rule_explanations { policy: "cancelPolicies/night" mode: CANCEL_POLICY_MODE_ENFORCED rule: "desk" verdict: RULE_VERDICT_NO_MATCH
        match { node: "all_of"
                branches { node: "to_uri" condition: "prefix \"sip:desk@\"" tested: "sip:desk@example.com" holds: true }
                branches { node: "none_of" holds: false
                           branches { node: "header" condition: "X-Id regex \"[0-9]+\"" tested: "1234567890123456789012345678901234567890" holds: true }
                           branches { node: "route" condition: "exact \"a\"" } }
                branches { node: "every_call" holds: true } } }
      rule_explanations { policy: "cancelPolicies/builtin" mode: CANCEL_POLICY_MODE_ENFORCED rule: "quiet-linphone" verdict: RULE_VERDICT_MATCHED
        match { node: "caller_user_agent" condition: "prefix \"Linphone\"" tested: "Linphone/5.1" holds: true } }
      rule_explanations { policy: "cancelPolicies/builtin" mode: CANCEL_POLICY_MODE_ENFORCED rule: "rest" verdict: RULE_VERDICT_NOT_REACHED })");
    return grpc::Status::OK;
  };
}

TEST(PoliciesExplainCommandTest, Table) {
  client::FakeServer server;
  ServeAnExplanation(server);
  const Ran ran = Command(server, {"policies", "explain", "calls/1"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "Policy        cancelPolicies/builtin, rule quiet-linphone\n"
            "Treatment     480 Call ended | BYE: Q.850;cause=16\n"
            "In shadow     cancelPolicies/trial, rule all: 486\n"
            "\n"
            "To the caller:\n"
            "  SIP/2.0 480 Call ended\n"
            "  X-A: b\\x1b\n"
            "\n"
            "To the callee, waits for the first 1xx:\n"
            "  CANCEL sip:b SIP/2.0\n"
            "\n"
            "cancelPolicies/trial (SHADOW)\n"
            "  + all: matched\n"
            "cancelPolicies/night (ENFORCED)\n"
            "  . late, kill: other trigger\n"
            "  - desk: no match\n"
            "      - all_of\n"
            "        + to_uri prefix \"sip:desk@\"  is sip:desk@example.com\n"
            "        - none_of\n"
            "          + header X-Id regex \"[0-9]+\"  is 1234567890123456789012345678901234567890\n"
            "          - route exact \"a\"  has none\n"
            "        + every_call\n"
            "cancelPolicies/builtin (ENFORCED)\n"
            "  + quiet-linphone: matched\n"
            "      + caller_user_agent prefix \"Linphone\"  is Linphone/5.1\n"
            "  . rest: not reached\n");
}

TEST(PoliciesExplainCommandTest, ColoursAndTicksOnATerminalOnly) {
  client::FakeServer server;
  ServeAnExplanation(server);
  const Ran ran = Command(server, {"policies", "explain", "calls/1"}, true);
  EXPECT_THAT(ran.out, HasSubstr("  \x1b[32m\xe2\x9c\x93\x1b[0m quiet-linphone: matched\n"));
  EXPECT_THAT(ran.out, HasSubstr("  \x1b[31m\xe2\x9c\x97\x1b[0m desk: no match\n"));
  for (const char c : Command(server, {"policies", "explain", "calls/1"}).out)
    EXPECT_TRUE(c == '\n' || (c >= ' ' && c < 127));
}

TEST(PoliciesExplainCommandTest, JsonAndYaml) {
  client::FakeServer server;
  ServeAnExplanation(server);
  EXPECT_THAT(Command(server, {"policies", "explain", "calls/1", "-o", "json"}).out,
              HasSubstr("\"verdict\": \"RULE_VERDICT_NOT_REACHED\""));
  EXPECT_THAT(Command(server, {"policies", "explain", "calls/1", "-o", "yaml"}).out,
              HasSubstr("rule: quiet-linphone\n"));
}

TEST(PoliciesExplainCommandTest, FlagsBecomeARequest) {
  const File call("state: ringing\ncaller: {user_agent: Twinkle/1.10}\n");
  const File policies("name: cancelPolicies/a\netag: x\n---\nname: cancelPolicies/b\n");
  struct Case {
    std::vector<std::string> flags;
    std::string request;
  };
  const Case cases[] = {
      {{"calls/1"}, R"(call: "calls/1")"},
      {{"calls/1", "--trigger", "drain"}, R"(call: "calls/1" trigger: TRIGGER_DRAIN)"},
      {{"--user-agent", "Jami", "--intent", "elsewhere", "--state", "answered"},
       R"(hypothetical_call { state: CALL_STATE_ANSWERED caller { user_agent: "Jami" } } intent: INTENT_ELSEWHERE)"},
      {{"--user-agent", ""}, "hypothetical_call { caller {} }"},
      {{"--from", "sip:a@b", "--to", "sip:c@d", "--request-uri", "sip:e@f", "--address", "192.0.2.1:5060",
        "--route", "r", "--target", "sip:t@u", "--callee-user-agent", "v", "--label", "k=v=w", "--header",
        "X-A: b: c"},
       R"(hypothetical_call { caller { from_uri: "sip:a@b" to_uri: "sip:c@d" request_uri: "sip:e@f"
                                       remote_address: "192.0.2.1:5060" headers { name: "X-A" value: "b: c" } }
                              callee { request_uri: "sip:t@u" user_agent: "v" } route: "r"
                              labels { key: "k" value: "v=w" } })"},
      {{"--status", "480", "--reason", "Q.850;cause=16"},
       R"(hypothetical_call { caller {} callee { last_status_code: 480 headers { name: "Reason" value: "Q.850;cause=16" } } }
          trigger: TRIGGER_FAR_END_FAILURE)"},
      {{"-f", call.path(), "--status", "486"},
       R"(hypothetical_call { state: CALL_STATE_RINGING caller { user_agent: "Twinkle/1.10" } callee { last_status_code: 486 } }
          trigger: TRIGGER_FAR_END_FAILURE)"},
      {{"calls/1", "--candidate", policies.path()},
       R"(call: "calls/1" candidate_policies { name: "cancelPolicies/a" } candidate_policies { name: "cancelPolicies/b" })"},
  };
  for (const Case& c : cases) {
    client::FakeServer server;
    ServeAnExplanation(server);
    std::vector<std::string> args = {"policies", "explain"};
    args.insert(args.end(), c.flags.begin(), c.flags.end());
    const Ran ran = Command(server, args);
    EXPECT_EQ(ran.exit, 0) << ran.err << c.request;
    ASSERT_EQ(server.ExplainPolicyRequests().size(), 1u) << c.request;
    EXPECT_THAT(server.ExplainPolicyRequests()[0], EqualsText(c.request));
  }
}

TEST(PoliciesExplainCommandTest, RefusedFieldsHaveTheirPlaces) {
  client::FakeServer server;
  server.explain_policy = [](const v1::ExplainCancelPolicyRequest&, v1::ExplainCancelPolicyResponse*) {
    return client::Refusal(
        {grpc::StatusCode::INVALID_ARGUMENT,
         "2 fields are wrong",
         "INVALID_FIELD",
         {},
         {{"candidate_policies[1].mode", "is wrong"}, {"hypothetical_call.caller.from_uri", "is too"}}});
  };
  const File call("caller:\n  from_uri: x\n");
  const File policies("name: cancelPolicies/a\n---\nname: cancelPolicies/b\nmode: shadow\n");
  const Ran ran = Command(server, {"policies", "explain", "-f", call.path(), "--candidate", policies.path()});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.err, "adieu: INVALID_ARGUMENT (INVALID_FIELD): 2 fields are wrong\n  " + policies.path() +
                         ":4: mode: is wrong\n  " + call.path() + ":2: caller.from_uri: is too\n");
}

}  // namespace
}  // namespace adieu::cli
