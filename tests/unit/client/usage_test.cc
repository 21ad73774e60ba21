#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "tests/unit/client/command.h"
#include "tests/unit/client/file.h"

namespace adieu::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Args = std::vector<std::string>;

TEST(UsageTest, WrongCommandLinesAreExitTwoAndSayWhy) {
  const File bad("final_response: {status: 480}");
  struct Case {
    Args args;
    std::string why;
  };
  const Case cases[] = {
      {{}, "subcommand is required"},
      {{"calls"}, "subcommand is required"},
      {{"call", "list"}, "\"call\" is not understood"},
      {{"calls", "lst"}, "\"lst\" is not understood"},
      {{"calls", "get"}, "name is required"},
      {{"calls", "get", "calls/1", "calls/2"}, "calls/2"},
      {{"calls", "list", "--nonsense"}, "--nonsense"},
      {{"calls", "list", "--state", "loud"},
       "\"loud\" is not one of ringing, answered, terminating, terminated"},
      {{"calls", "list", "--state", "unspecified"}, "is not one of"},
      {{"calls", "list", "--match", "/nowhere"}, "/nowhere: cannot be read: No such file"},
      {{"calls", "list", "-o", "xml"}, "\"xml\" is not one of table, json, yaml"},
      {{"calls", "list", "--timeout", "soon"}, "\"soon\" is not a duration"},
      {{"calls", "list", "--timeout", "0"}, "not a duration above zero"},
      {{"calls", "terminate"}, "exactly one"},
      {{"calls", "terminate", "calls/1", "--sip-call-id", "x"}, "exactly one"},
      {{"calls", "terminate", "calls/1", "--intent", "loud"}, "--intent: \"loud\" is not one of quiet, busy"},
      {{"calls", "terminate", "calls/1", "--wait", "long"}, "--wait: \"long\" is not one of sent, ended"},
      {{"calls", "terminate", "calls/1", "--treatment", bad.path()},
       bad.path() + ":1: final_response.status: no such"},
      {{"terminations", "list", "--outcome", "good"}, "\"good\" is not one of held, sent, ended"},
      {{"terminations", "list", "--since", "noon"}, "\"noon\" is neither a time"},
      {{"policies"}, "subcommand is required"},
      {{"policies", "get"}, "name is required"},
      {{"policies", "apply"}, "--file is required"},
      {{"policies", "apply", "-f", "/nowhere"}, "/nowhere: cannot be read: No such file"},
      {{"policies", "diff", "-f", bad.path()},
       bad.path() + ":1: final_response: no such field in CancelPolicy"},
      {{"policies", "delete"}, "name is required"},
      {{"policies", "explain"}, "exactly one kind of them must be given"},
      {{"policies", "explain", "calls/1", "--user-agent", "x"}, "exactly one kind"},
      {{"policies", "explain", "calls/1", "--status", "480"}, "--status: is for a made-up call"},
      {{"policies", "explain", "--status", "200"}, "--status"},
      {{"policies", "explain", "--user-agent", "x", "--reason", "Q.850;cause=16"}, "--status"},
      {{"policies", "explain", "--user-agent", "x", "--header", "X-Why"}, "\"X-Why\" is not NAME:VALUE"},
      {{"policies", "explain", "--label", "=x"}, "\"=x\" is not KEY=VALUE"},
      {{"policies", "explain", "--from", "x", "--trigger", "now"}, "\"now\" is not one of request, arrival"},
      {{"policies", "explain", "--from", "x", "--candidate", "/nowhere"}, "/nowhere: cannot be read"},
      {{"calls", "list", "\x1b[2J"}, "\\x1b[2J"},
  };
  for (const Case& c : cases) {
    const Ran ran = Command(c.args);
    EXPECT_EQ(ran.exit, 2) << c.why;
    EXPECT_EQ(ran.out, "") << c.why;
    EXPECT_THAT(ran.err, StartsWith("adieu: ")) << c.why;
    EXPECT_THAT(ran.err, HasSubstr(c.why));
    EXPECT_EQ(ran.err.find('\x1b'), std::string::npos);
  }
}

TEST(UsageTest, HelpAndVersion) {
  for (const Args& args : {Args{"--help"}, Args{"calls", "terminate", "--help"}, Args{"--version"}}) {
    const Ran ran = Command(args);
    EXPECT_EQ(ran.exit, 0);
    EXPECT_EQ(ran.err, "");
    EXPECT_NE(ran.out, "");
  }
  EXPECT_THAT(Command({"--version"}).out, StartsWith("adieu "));
  EXPECT_THAT(Command({"calls", "terminate", "--help"}).out, HasSubstr("try-later"));
}

TEST(UsageTest, NobodyThereIsExitThree) {
  const File policy("name: cancelPolicies/p");
  std::string address;
  { address = client::FakeServer().address(); }
  for (const Args& args :
       {Args{"calls", "list"}, Args{"calls", "get", "calls/1"}, Args{"calls", "watch"},
        Args{"calls", "terminate", "calls/1"}, Args{"terminations", "list"}, Args{"policies", "list"},
        Args{"policies", "get", "p"}, Args{"policies", "apply", "-f", policy.path()},
        Args{"policies", "diff", "-f", policy.path()}, Args{"policies", "delete", "p"},
        Args{"policies", "explain", "calls/1"}, Args{"health"}}) {
    Args all = {"--server", address, "--timeout", "150ms"};
    all.insert(all.end(), args.begin(), args.end());
    const Ran ran = Command(all);
    EXPECT_EQ(ran.exit, 3) << args[0];
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, StartsWith("adieu: no answer from " + address + ": "));
  }
}

TEST(UsageTest, NoAnswerInTimeIsExitThree) {
  client::FakeServer server;
  server.get_call = [](const v1::GetCallRequest&, v1::Call*) {
    return grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "too late");
  };
  const Ran ran = Command(server, {"calls", "get", "calls/1"});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.err, HasSubstr("DEADLINE_EXCEEDED"));
}

TEST(UsageTest, AServerThatSaysUnavailableItselfSaidNo) {
  client::FakeServer server;
  server.get_call = [](const v1::GetCallRequest&, v1::Call*) {
    return client::Refusal({grpc::StatusCode::UNAVAILABLE, "its instance is away", "OWNER_UNREACHABLE"});
  };
  EXPECT_EQ(Command(server, {"calls", "get", "calls/1"}).exit, 1);
}

TEST(UsageTest, TheServerComesFromTheEnvironmentUnlessGiven) {
  client::FakeServer server;
  server.health = {{"", grpc::health::v1::HealthCheckResponse::SERVING}};
  ASSERT_EQ(setenv("ADIEU_SERVER", server.address().c_str(), 1), 0);
  EXPECT_EQ(Command({"health"}).exit, 0);
  EXPECT_EQ(Command({"health", "--server", "127.0.0.1:1", "--timeout", "5s"}).exit, 3);
  ASSERT_EQ(unsetenv("ADIEU_SERVER"), 0);
}

TEST(UsageTest, SharedOptionsStandBeforeOrAfterTheCommand) {
  client::FakeServer server;
  server.health = {{"", grpc::health::v1::HealthCheckResponse::SERVING}};
  EXPECT_EQ(Command({"--server", server.address(), "-o", "yaml", "health"}).out, "status: SERVING\n");
  EXPECT_EQ(Command({"health", "-o", "yaml", "--server", server.address()}).out, "status: SERVING\n");
}

}  // namespace
}  // namespace adieu::cli
