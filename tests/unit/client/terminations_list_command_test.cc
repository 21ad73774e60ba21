#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/unit/client/command.h"
#include "tests/unit/client/text.h"

namespace adieu::cli {
namespace {

using ::testing::HasSubstr;

void ServeTerminations(client::FakeServer& server) {
  server.list_terminations = [](const v1::ListTerminationsRequest&, v1::ListTerminationsResponse* response) {
    *response = FromText<v1::ListTerminationsResponse>(R"(
      terminations { name: "terminations/2" call: "calls/2" request_time { seconds: 20 } trigger: TRIGGER_REQUEST
                     intent: INTENT_QUIET note: "n" policy: "cancelPolicies/builtin" rule: "quiet"
                     legs { side: LEG_SIDE_CALLER action: LEG_ACTION_FINAL_RESPONSE status_code: 487
                            reason_phrase: "Call ended" outcome: LEG_OUTCOME_ENDED }
                     legs { side: LEG_SIDE_CALLEE action: LEG_ACTION_CANCEL outcome: LEG_OUTCOME_HELD } }
      terminations { name: "terminations/1" call: "calls/1" trigger: TRIGGER_DRAIN intent: INTENT_MAINTENANCE })");
    return grpc::Status::OK;
  };
}

TEST(TerminationsListCommandTest, OneLinePerLeg) {
  client::FakeServer server;
  ServeTerminations(server);
  const Ran ran = Command(server, {"terminations", "list"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(
      ran.out,
      "NAME            CALL     REQUESTED                 TRIGGER  INTENT       POLICY   RULE   LEG     "
      "MESSAGE         OUTCOME  NOTE\n"
      "terminations/2  calls/2  1970-01-01T00:00:20.000Z  REQUEST  QUIET        builtin  quiet  CALLER  "
      "487 Call ended  ENDED    n\n"
      "terminations/2  calls/2  1970-01-01T00:00:20.000Z  REQUEST  QUIET        builtin  quiet  CALLEE  "
      "CANCEL          HELD     n\n"
      "terminations/1  calls/1  -                         DRAIN    MAINTENANCE  -        -      -       "
      "-               -        -\n");
}

TEST(TerminationsListCommandTest, JsonIsOneResponse) {
  client::FakeServer server;
  ServeTerminations(server);
  EXPECT_THAT(Command(server, {"terminations", "list", "-o", "json"}).out,
              HasSubstr("\"action\": \"LEG_ACTION_CANCEL\""));
}

TEST(TerminationsListCommandTest, NoTerminations) {
  client::FakeServer server;
  server.list_terminations = [](const v1::ListTerminationsRequest&, v1::ListTerminationsResponse*) {
    return grpc::Status::OK;
  };
  EXPECT_EQ(Command(server, {"terminations", "list"}).out, "No terminations.\n");
}

TEST(TerminationsListCommandTest, FlagsBecomeARequest) {
  client::FakeServer server;
  ServeTerminations(server);
  const Ran ran = Command(server, {"terminations", "list", "--outcome", "peer-first", "--since",
                                   "2025-03-01T12:00:00Z", "--until", "2025-03-01T13:00:00+00:00", "--policy",
                                   "builtin", "--sweep", "sweeps/1", "--to", "B"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  ASSERT_EQ(server.ListTerminationsRequests().size(), 1u);
  EXPECT_THAT(server.ListTerminationsRequests()[0],
              EqualsText(R"(match { to_uri { contains: "B" ignore_case: true } } sweep: "sweeps/1"
                            policy: "cancelPolicies/builtin" outcome: LEG_OUTCOME_PEER_FIRST
                            start_time { seconds: 1740830400 } end_time { seconds: 1740834000 } page_size: 1000)"));
}

TEST(TerminationsListCommandTest, SinceADurationAgo) {
  client::FakeServer server;
  ServeTerminations(server);
  const auto now = [] { return std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()); };
  const auto before = now();
  Command(server, {"terminations", "list", "--since", "10m"});
  const auto after = now();
  ASSERT_EQ(server.ListTerminationsRequests().size(), 1u);
  EXPECT_GE(server.ListTerminationsRequests()[0].start_time().seconds(), before - 600);
  EXPECT_LE(server.ListTerminationsRequests()[0].start_time().seconds(), after - 600);
}

}  // namespace
}  // namespace adieu::cli
