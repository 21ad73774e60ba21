#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/client/command.h"
#include "tests/unit/client/file.h"
#include "tests/unit/client/text.h"

namespace adieu::cli {
namespace {

using ::testing::HasSubstr;

const char* const kNight = R"(
  name: "cancelPolicies/night" description: "Nobody is there at night.\nThe desk is staffed from eight in the morning to six in the evening, on weekdays and holidays alike."
  mode: CANCEL_POLICY_MODE_SHADOW priority: 10 etag: "e1" create_time { seconds: 10 } update_time { seconds: 11 }
  origin: CANCEL_POLICY_ORIGIN_API
  rules { id: "late" triggers: TRIGGER_RING_TIMEOUT triggers: TRIGGER_REQUEST intents: INTENT_TRY_LATER
          match { to_uri { prefix: "sip:desk@" } } treatment { final_response { status_code: 480 } } }
  rules { id: "rest" triggers: TRIGGER_DRAIN treatment { as_intent: INTENT_MAINTENANCE } description: "The \x1b rest." })";

void ServePolicies(client::FakeServer& server) {
  server.list_policies = [](const v1::ListCancelPoliciesRequest&, v1::ListCancelPoliciesResponse* response) {
    *response->add_cancel_policies() = FromText<v1::CancelPolicy>(kNight);
    *response->add_cancel_policies() = FromText<v1::CancelPolicy>(R"(
      name: "cancelPolicies/builtin" mode: CANCEL_POLICY_MODE_ENFORCED origin: CANCEL_POLICY_ORIGIN_SHIPPED
      rules { id: "a" } rules { id: "b" } rules { id: "c" })");
    return grpc::Status::OK;
  };
  server.get_policy = [](const v1::GetCancelPolicyRequest& request, v1::CancelPolicy* policy) {
    if (request.name() != "cancelPolicies/night") {
      return client::Refusal({grpc::StatusCode::NOT_FOUND, "no such policy", "POLICY_NOT_FOUND"});
    }
    *policy = FromText<v1::CancelPolicy>(kNight);
    return grpc::Status::OK;
  };
}

TEST(PoliciesListCommandTest, Table) {
  client::FakeServer server;
  ServePolicies(server);
  const Ran ran = Command(server, {"policies", "list"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "#  NAME     MODE      PRIORITY  RULES  ORIGIN   DESCRIPTION\n"
            "1  night    SHADOW          10      2  API      Nobody is there at night....\n"
            "2  builtin  ENFORCED         0      3  SHIPPED  -\n");
}

TEST(PoliciesListCommandTest, JsonIsOneResponse) {
  client::FakeServer server;
  ServePolicies(server);
  EXPECT_THAT(Command(server, {"policies", "list", "-o", "json"}).out,
              HasSubstr("\"origin\": \"CANCEL_POLICY_ORIGIN_SHIPPED\""));
  EXPECT_THAT(Command(server, {"policies", "list", "-o", "yaml"}).out,
              HasSubstr("  - name: cancelPolicies/night\n"));
}

TEST(PoliciesGetCommandTest, Table) {
  client::FakeServer server;
  ServePolicies(server);
  const Ran ran = Command(server, {"policies", "get", "night"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "Policy        cancelPolicies/night\n"
            "Mode          SHADOW\n"
            "Priority      10\n"
            "Origin        API\n"
            "Etag          e1\n"
            "Created       1970-01-01T00:00:10.000Z\n"
            "Updated       1970-01-01T00:00:11.000Z\n"
            "Description   Nobody is there at night.\n"
            "              The desk is staffed from eight in the morning to six in the evening, on weekdays\n"
            "              and holidays alike.\n"
            "\n"
            "Rule late\n"
            "  Triggers    RING_TIMEOUT, REQUEST\n"
            "  Intents     TRY_LATER\n"
            "  Match       to_uri:\n"
            "                prefix: \"sip:desk@\"\n"
            "  Treatment   480\n"
            "\n"
            "Rule rest\n"
            "  Why         The \\x1b rest.\n"
            "  Triggers    DRAIN\n"
            "  Intents     any\n"
            "  Match       every call\n"
            "  Treatment   as intent MAINTENANCE\n");
}

TEST(PoliciesGetCommandTest, FullNamesAndUnknownOnes) {
  client::FakeServer server;
  ServePolicies(server);
  EXPECT_THAT(Command(server, {"policies", "get", "cancelPolicies/night", "-o", "yaml"}).out,
              HasSubstr("name: cancelPolicies/night\n"));
  const Ran ran = Command(server, {"policies", "get", "day"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.err, "adieu: NOT_FOUND (POLICY_NOT_FOUND): no such policy\n");
}

TEST(PoliciesDeleteCommandTest, FlagsBecomeARequest) {
  client::FakeServer server;
  server.delete_policy = [](int, const v1::DeleteCancelPolicyRequest&) { return grpc::Status::OK; };
  EXPECT_EQ(Command(server, {"policies", "delete", "night"}).out, "cancelPolicies/night deleted\n");
  EXPECT_EQ(Command(server, {"policies", "delete", "cancelPolicies/night", "--etag", "e1", "--dry-run"}).out,
            "cancelPolicies/night can be deleted\n");
  EXPECT_EQ(Command(server, {"policies", "delete", "night", "-o", "json"}).out, "{}\n");
  const auto requests = server.DeletePolicyRequests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_NE(requests[0].request_id(), "");
  EXPECT_EQ(requests[0].name(), "cancelPolicies/night");
  EXPECT_THAT(requests[1], EqualsText(R"(name: "cancelPolicies/night" etag: "e1" validate_only: true)"));
}

TEST(PoliciesDeleteCommandTest, ARefusalIsExitOne) {
  client::FakeServer server;
  server.delete_policy = [](int, const v1::DeleteCancelPolicyRequest&) {
    return client::Refusal({grpc::StatusCode::FAILED_PRECONDITION, "it is shipped", "POLICY_READ_ONLY"});
  };
  const Ran ran = Command(server, {"policies", "delete", "builtin"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("POLICY_READ_ONLY"));
}

TEST(PoliciesDiffCommandTest, ShowsWhatApplyWouldChange) {
  client::FakeServer server;
  ServePolicies(server);
  const Ran yaml = Command(server, {"policies", "get", "night", "-o", "yaml"});
  const File same(yaml.out);
  const Ran none = Command(server, {"policies", "diff", "-f", same.path()});
  EXPECT_EQ(none.exit, 0) << none.err;
  EXPECT_EQ(none.out, "");

  std::string text = yaml.out;
  text.replace(text.find("MODE_SHADOW"), 11, "MODE_ENFORCED");
  const File changed(text);
  const Ran one = Command(server, {"policies", "diff", "-f", changed.path()});
  EXPECT_EQ(one.exit, 1);
  EXPECT_EQ(one.err, "");
  EXPECT_THAT(one.out, HasSubstr("--- cancelPolicies/night\n+++ " + changed.path() + "\n@@ -2,7 +2,7 @@\n"));
  EXPECT_THAT(one.out, HasSubstr("\n-mode: CANCEL_POLICY_MODE_SHADOW\n+mode: CANCEL_POLICY_MODE_ENFORCED\n"));
  EXPECT_THAT(Command(server, {"policies", "diff", "-f", changed.path()}, true).out,
              HasSubstr("\x1b[32m+mode: CANCEL_POLICY_MODE_ENFORCED\x1b[0m\n"));
}

TEST(PoliciesDiffCommandTest, ANewPolicyIsAllNew) {
  client::FakeServer server;
  ServePolicies(server);
  const Ran ran = Command(server, {"policies", "diff", "-f", "-"}, false, "name: cancelPolicies/day\n");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.out,
            "--- /dev/null\n+++ stdin\n@@ -0,0 +1,2 @@\n+name: cancelPolicies/day\n"
            "+mode: CANCEL_POLICY_MODE_DISABLED\n");
}

TEST(PoliciesDiffCommandTest, JsonIsAnObjectALine) {
  client::FakeServer server;
  ServePolicies(server);
  const Ran ran =
      Command(server, {"policies", "diff", "-o", "json", "-f", "-"}, false, "name: cancelPolicies/day");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.out, HasSubstr("\"name\":\"cancelPolicies/day\""));
  EXPECT_THAT(ran.out, HasSubstr("\"differs\":true"));
  EXPECT_THAT(ran.out, HasSubstr("\\n+name: cancelPolicies/day\\n"));
}

}  // namespace
}  // namespace adieu::cli
