#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/client/command.h"
#include "tests/unit/client/file.h"
#include "tests/unit/client/text.h"

namespace adieu::cli {
namespace {

using ::testing::HasSubstr;

void ServeATermination(client::FakeServer& server) {
  server.terminate_call = [](int, const v1::TerminateCallRequest& request, v1::Termination* termination) {
    *termination = FromText<v1::Termination>(R"(
      name: "terminations/7" call: "calls/1" trigger: TRIGGER_REQUEST intent: INTENT_BUSY
      policy: "cancelPolicies/builtin" rule: "busy"
      shadow_decisions { policy: "cancelPolicies/p" rule: "r" treatment { relay {} } } request_time { seconds: 10 } principal: "anonymous"
      legs { side: LEG_SIDE_CALLER action: LEG_ACTION_FINAL_RESPONSE status_code: 486 reason_phrase: "Busy Here"
             headers { name: "Reason" value: "Q.850;cause=17" } headers { name: "X-Why" value: "a\tb" }
             outcome: LEG_OUTCOME_ENDED send_time { seconds: 10 } end_time { seconds: 11 } })");
    termination->set_note(request.note());
    return grpc::Status::OK;
  };
}

TEST(CallsTerminateCommandTest, Table) {
  client::FakeServer server;
  ServeATermination(server);
  const Ran ran = Command(server, {"calls", "terminate", "calls/1", "--note", "test"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(
      ran.out,
      "Termination   terminations/7\n"
      "Call          calls/1\n"
      "Trigger       REQUEST\n"
      "Intent        BUSY\n"
      "Policy        cancelPolicies/builtin, rule busy\n"
      "In shadow     cancelPolicies/p, rule r: relay what the other side sent\n"
      "Requested     1970-01-01T00:00:10.000Z\n"
      "By            anonymous\n"
      "Note          test\n"
      "\n"
      "LEG     ACTION          MESSAGE        OUTCOME  SENT                      SETTLED                   "
      "HEADERS\n"
      "CALLER  FINAL_RESPONSE  486 Busy Here  ENDED    1970-01-01T00:00:10.000Z  1970-01-01T00:00:11.000Z  "
      "Reason: Q.850;cause=17 | X-Why: a\\tb\n");
}

TEST(CallsTerminateCommandTest, JsonAndYaml) {
  client::FakeServer server;
  ServeATermination(server);
  EXPECT_THAT(Command(server, {"calls", "terminate", "calls/1", "-o", "json"}).out,
              HasSubstr("\"outcome\": \"LEG_OUTCOME_ENDED\""));
  EXPECT_THAT(Command(server, {"calls", "terminate", "calls/1", "-o", "yaml"}).out,
              HasSubstr("    outcome: LEG_OUTCOME_ENDED\n"));
}

TEST(CallsTerminateCommandTest, FlagsBecomeARequest) {
  const File treatment("final_response: {status_code: 480, reasons: [{q850_cause: 31}]}");
  struct Case {
    std::vector<std::string> flags;
    std::string request;
  };
  const Case cases[] = {
      {{"calls/1"}, R"(name: "calls/1")"},
      {{"--sip-call-id", "x@y"}, R"(sip_call_id: "x@y")"},
      {{"calls/1", "--intent", "try-later"}, R"(name: "calls/1" intent: INTENT_TRY_LATER)"},
      {{"calls/1", "--intent", "NOT_FOUND", "--wait", "Ended"},
       R"(name: "calls/1" intent: INTENT_NOT_FOUND wait: WAIT_ENDED)"},
      {{"calls/1", "--wait=sent", "--policy", "cancelPolicies/p", "--note", "a b"},
       R"(name: "calls/1" wait: WAIT_SENT policy: "cancelPolicies/p" note: "a b")"},
      {{"calls/1", "--policy", "p"}, R"(name: "calls/1" policy: "cancelPolicies/p")"},
      {{"--treatment", treatment.path(), "calls/1"},
       R"(name: "calls/1" treatment { final_response { status_code: 480 reasons { q850_cause: 31 } } })"},
      {{"calls/1", "--dry-run"}, R"(name: "calls/1" validate_only: true)"},
  };
  for (const Case& c : cases) {
    client::FakeServer server;
    ServeATermination(server);
    std::vector<std::string> args = {"calls", "terminate"};
    args.insert(args.end(), c.flags.begin(), c.flags.end());
    EXPECT_EQ(Command(server, args).exit, 0) << c.request;
    auto requests = server.TerminateCallRequests();
    ASSERT_EQ(requests.size(), 1u) << c.request;
    EXPECT_EQ(requests[0].request_id().empty(), requests[0].validate_only()) << c.request;
    requests[0].clear_request_id();
    EXPECT_THAT(requests[0], EqualsText(c.request));
  }
}

TEST(CallsTerminateCommandTest, TheGivenRequestIdIsSent) {
  client::FakeServer server;
  ServeATermination(server);
  Command(server, {"calls", "terminate", "calls/1", "--request-id", "mine"});
  ASSERT_EQ(server.TerminateCallRequests().size(), 1u);
  EXPECT_EQ(server.TerminateCallRequests()[0].request_id(), "mine");
}

TEST(CallsTerminateCommandTest, ADryRunSaysThatNothingWasSent) {
  client::FakeServer server;
  server.terminate_call = [](int, const v1::TerminateCallRequest&, v1::Termination* termination) {
    termination->set_call("calls/1");
    return grpc::Status::OK;
  };
  EXPECT_EQ(Command(server, {"calls", "terminate", "calls/1", "--dry-run"}).out,
            "Termination   none: nothing was sent\n"
            "Call          calls/1\n"
            "Policy        none, the treatment was given\n");
}

TEST(CallsTerminateCommandTest, ErrorsInFull) {
  client::FakeServer server;
  server.terminate_call = [](int, const v1::TerminateCallRequest&, v1::Termination*) {
    return client::Refusal({.code = grpc::StatusCode::FAILED_PRECONDITION,
                            .message = "several calls\nhave it",
                            .reason = "AMBIGUOUS",
                            .metadata = {{"names", "calls/1,calls/2"}},
                            .violations = {{"sip_call_id", "is not \x1b[1m unique"}}});
  };
  const Ran ran = Command(server, {"calls", "terminate", "--sip-call-id", "x"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err,
            "adieu: FAILED_PRECONDITION (AMBIGUOUS): several calls\\nhave it\n"
            "  sip_call_id: is not \\x1b[1m unique\n"
            "  names=calls/1,calls/2\n");
}

TEST(CallsTerminateCommandTest, OneWrongFieldIsSaidOnce) {
  client::FakeServer server;
  server.terminate_call = [](int, const v1::TerminateCallRequest&, v1::Termination*) {
    return client::Refusal({.code = grpc::StatusCode::INVALID_ARGUMENT,
                            .message = "note: is too long",
                            .reason = "INVALID_FIELD",
                            .violations = {{"note", "is too long"}}});
  };
  EXPECT_EQ(Command(server, {"calls", "terminate", "calls/1"}).err,
            "adieu: INVALID_ARGUMENT (INVALID_FIELD): note: is too long\n");
}

TEST(CallsTerminateCommandTest, AFullQueueIsTriedAgainOrTold) {
  client::FakeServer server;
  server.terminate_call = [](int attempt, const v1::TerminateCallRequest&, v1::Termination* termination) {
    if (attempt == 0) {
      return client::Refusal({.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
                              .reason = "QUEUE_FULL",
                              .retry_after = std::chrono::milliseconds(1)});
    }
    if (attempt == 2) {
      return client::Refusal({.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
                              .reason = "QUEUE_FULL",
                              .retry_after = std::chrono::seconds(90)});
    }
    termination->set_name("terminations/1");
    return grpc::Status::OK;
  };
  EXPECT_EQ(Command(server, {"calls", "terminate", "calls/1"}).exit, 0);
  const Ran ran = Command(server, {"calls", "terminate", "calls/1"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.err, "adieu: RESOURCE_EXHAUSTED (QUEUE_FULL)\n  retry after 90000 ms\n");
}

}  // namespace
}  // namespace adieu::cli
