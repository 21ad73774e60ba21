#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/client/command.h"
#include "tests/unit/client/file.h"
#include "tests/unit/client/text.h"

namespace adieu::cli {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Writer = client::FakeServer::SweepWriter;

constexpr char kFirst[] = R"(sweep: "sweeps/1" matched_count: 4)";
constexpr char kLast[] = R"(
  sweep: "sweeps/1" matched_count: 4 ended_count: 2 failed_count: 1 skipped_count: 1
  terminations { name: "terminations/1" legs { side: LEG_SIDE_CALLER action: LEG_ACTION_FINAL_RESPONSE
    status_code: 486 reason_phrase: "Busy Here" outcome: LEG_OUTCOME_ENDED } }
  terminations { name: "terminations/2" legs { side: LEG_SIDE_CALLER action: LEG_ACTION_FINAL_RESPONSE
    status_code: 486 reason_phrase: "Busy Here" outcome: LEG_OUTCOME_ENDED } }
  terminations { name: "terminations/3" legs { side: LEG_SIDE_CALLEE action: LEG_ACTION_CANCEL
    outcome: LEG_OUTCOME_FAILED } })";

void Serve(client::FakeServer& server, std::vector<const char*> messages,
           const grpc::Status& end = grpc::Status::OK) {
  server.apply_cancel_policy = [=](int, const auto&, grpc::ServerContext*, Writer* writer) {
    for (const char* message : messages) writer->Write(FromText<v1::ApplyCancelPolicyResponse>(message));
    return end;
  };
}

// The lines without the one that tells the time.
std::string WithoutTime(const std::string& text) {
  const size_t begin = text.find("Took ");
  return text.substr(0, begin) + text.substr(text.find('\n', begin) + 1);
}

TEST(SweepCommandTest, SummaryByOutcome) {
  client::FakeServer server;
  Serve(server, {kFirst, kLast});
  const Ran ran = Command(server, {"sweep", "--max", "4"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(WithoutTime(ran.out),
            "Sweep         sweeps/1\n"
            "Matched       4\n"
            "Ended         2\n"
            "Failed        1\n"
            "Skipped       1\n"
            "\n"
            "OUTCOME  LEG     MESSAGE        LEGS\n"
            "ENDED    CALLER  486 Busy Here     2\n"
            "FAILED   CALLEE  CANCEL            1\n");
}

TEST(SweepCommandTest, JsonIsOneObjectPerLine) {
  client::FakeServer server;
  Serve(server, {kFirst, R"(sweep: "sweeps/1" matched_count: 4 ended_count: 4)"});
  const Ran ran = Command(server, {"sweep", "--max", "4", "-o", "json"}, false, "", true);
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.err, "") << "no bar beside machine output";
  EXPECT_EQ(ran.out, R"({"sweep":"sweeps/1","matched_count":4})"
                     "\n"
                     R"({"sweep":"sweeps/1","matched_count":4,"ended_count":4})"
                     "\n");
}

TEST(SweepCommandTest, ABarOnATerminalOnly) {
  client::FakeServer server;
  Serve(server, {kFirst, kLast});
  const Ran ran = Command(server, {"sweep", "--max", "4"}, false, "", true);
  EXPECT_THAT(ran.err, HasSubstr("[..............................] 0/4 calls"));
  EXPECT_THAT(ran.err, HasSubstr("[##############################] 4/4 calls, 1 failed, 1 skipped"));
  EXPECT_THAT(ran.err, EndsWith("\r\x1b[K")) << "it is wiped away";
  EXPECT_THAT(ran.out, Not(HasSubstr("\x1b")));
}

TEST(SweepCommandTest, FlagsBecomeARequest) {
  const File policy(
      "name: cancelPolicies/x\nrules: [{id: a, triggers: [REQUEST], treatment: {as_intent: BUSY}}]");
  struct Case {
    std::vector<std::string> flags;
    std::string request;
  };
  const Case cases[] = {
      {{"--max", "7"}, "match { every_call {} } max_calls: 7"},
      {{"--max", "7", "--intent", "try-later", "--rate", "2.5", "--note", "n", "--request-id", "i",
        "--policy", "cancelPolicies/p", "--state", "ringing"},
       "match { state: CALL_STATE_RINGING } max_calls: 7 intent: INTENT_TRY_LATER calls_per_second: 2.5 "
       "note: 'n' "
       "request_id: 'i' policy: 'cancelPolicies/p'"},
      {{"--max", "7", "--policy-file", policy.path(), "--dry-run"},
       "match { every_call {} } max_calls: 7 validate_only: true inline_policy { name: 'cancelPolicies/x' "
       "rules { id: 'a' triggers: TRIGGER_REQUEST treatment { as_intent: INTENT_BUSY } } }"},
  };
  for (const Case& c : cases) {
    client::FakeServer server;
    Serve(server, {kLast});
    std::vector<std::string> args{"sweep"};
    args.insert(args.end(), c.flags.begin(), c.flags.end());
    EXPECT_EQ(Command(server, args).exit, 0);
    ASSERT_EQ(server.ApplyCancelPolicyRequests().size(), 1u);
    auto request = server.ApplyCancelPolicyRequests()[0];
    if (c.request.find("request_id") == std::string::npos) {
      EXPECT_EQ(request.request_id().empty(), request.validate_only());
      request.clear_request_id();
    }
    EXPECT_THAT(request, EqualsText(c.request));
  }
}

TEST(SweepCommandTest, DryRunShowsThePlan) {
  client::FakeServer server;
  Serve(server, {R"(matched_count: 120
    terminations { call: "calls/1" policy: "cancelPolicies/builtin" rule: "busy" legs { side: LEG_SIDE_CALLER
      action: LEG_ACTION_FINAL_RESPONSE status_code: 486 reason_phrase: "Busy Here" } })"});
  const Ran ran = Command(server, {"sweep", "--max", "200", "--dry-run"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.out,
            "Matched       120\n"
            "Shown         1\n"
            "\n"
            "CALL     LEG     ACTION          MESSAGE        POLICY                  RULE\n"
            "calls/1  CALLER  FINAL_RESPONSE  486 Busy Here  cancelPolicies/builtin  busy\n");
}

TEST(SweepCommandTest, RefusalsAndBrokenSweeps) {
  client::FakeServer server;
  Serve(server, {},
        client::Refusal({.code = grpc::StatusCode::FAILED_PRECONDITION,
                         .message = "5 calls match",
                         .reason = "TOO_MANY_MATCHES"}));
  Ran ran = Command(server, {"sweep", "--max", "4"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "adieu: FAILED_PRECONDITION (TOO_MANY_MATCHES): 5 calls match\n");

  client::FakeServer stops;
  Serve(stops, {kFirst}, client::Refusal({.code = grpc::StatusCode::UNAVAILABLE, .reason = "SHUTTING_DOWN"}));
  ran = Command(stops, {"sweep", "--max", "4", "--request-id", "mine"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.out, HasSubstr("Left          4\n"));
  EXPECT_THAT(ran.err, StartsWith("adieu: not all was done; --request-id mine with the same flags goes on\n"
                                  "adieu: UNAVAILABLE (SHUTTING_DOWN)"));
}

TEST(SweepCommandTest, WrongCommandLines) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"sweep"}, "--max is required"},
      {{"sweep", "--max", "0"}, "--max"},
      {{"sweep", "--max", "100001"}, "--max"},
      {{"sweep", "--max", "many"}, "--max"},
      {{"sweep", "--max", "1", "--rate", "-1"}, "--rate"},
      {{"sweep", "--max", "1", "--rate", "10001"}, "--rate"},
      {{"sweep", "--max", "1", "--intent", "loud"}, "--intent: \"loud\" is not one of"},
      {{"sweep", "--max", "1", "--policy", "a", "--policy-file", "b"}, "only one of them"},
      {{"sweep", "--max", "1", "--policy-file", "/nowhere"}, "/nowhere: cannot be read"},
  };
  for (const auto& [args, why] : cases) {
    const Ran ran = Command(args);
    EXPECT_EQ(ran.exit, 2) << why;
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, HasSubstr(why));
  }
}

}  // namespace
}  // namespace adieu::cli
