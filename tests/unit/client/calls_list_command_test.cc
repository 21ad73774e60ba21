#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "tests/unit/client/command.h"
#include "tests/unit/client/file.h"
#include "tests/unit/client/text.h"

namespace adieu::cli {
namespace {

using ::testing::HasSubstr;

// Two pages of one call each.
void ServeTwoCalls(client::FakeServer& server) {
  server.list_calls = [](const v1::ListCallsRequest& request, v1::ListCallsResponse* response) {
    if (request.page_token().empty()) {
      *response = FromText<v1::ListCallsResponse>(R"(
        calls { name: "calls/1" state: CALL_STATE_RINGING create_time { seconds: 60 }
                caller { from_uri: "sip:a@x.example" to_uri: "sip:b@y.example" user_agent: "Phone \033[2J" } }
        next_page_token: "2" resume_token: "r")");
    } else {
      *response = FromText<v1::ListCallsResponse>(R"(
        calls { name: "calls/22" state: CALL_STATE_TERMINATED ended_by: ENDED_BY_ADIEU })");
    }
    return grpc::Status::OK;
  };
}

TEST(CallsListCommandTest, Table) {
  client::FakeServer server;
  ServeTwoCalls(server);
  const Ran ran = Command(server, {"calls", "list"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(
      ran.out,
      "NAME      STATE       CREATED                   FROM             TO               USER-AGENT     "
      "ENDED BY\n"
      "calls/1   RINGING     1970-01-01T00:01:00.000Z  sip:a@x.example  sip:b@y.example  Phone \\x1b[2J  -\n"
      "calls/22  TERMINATED  -                         -                -                -              "
      "ADIEU\n");
}

TEST(CallsListCommandTest, ColoursOnlyWhenAskedFor) {
  client::FakeServer server;
  ServeTwoCalls(server);
  EXPECT_THAT(Command(server, {"calls", "list"}, true).out, HasSubstr("\x1b[33mRINGING\x1b[0m"));
  EXPECT_EQ(Command(server, {"calls", "list", "-o", "json"}, true).out.find('\x1b'), std::string::npos);
}

TEST(CallsListCommandTest, JsonIsOneResponseWithAllPages) {
  client::FakeServer server;
  ServeTwoCalls(server);
  const Ran ran = Command(server, {"calls", "list", "-o", "json"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_THAT(ran.out, HasSubstr("\"from_uri\": \"sip:a@x.example\""));
  EXPECT_THAT(ran.out, HasSubstr("\"state\": \"CALL_STATE_RINGING\""));
  v1::ListCallsResponse response;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(ran.out, &response).ok()) << ran.out;
  EXPECT_EQ(response.calls_size(), 2);
  EXPECT_EQ(response.calls(0).caller().user_agent(), "Phone \x1b[2J");
  EXPECT_EQ(response.resume_token(), "r");
}

TEST(CallsListCommandTest, YamlIsTheSame) {
  client::FakeServer server;
  ServeTwoCalls(server);
  const Ran ran = Command(server, {"-o", "YAML", "calls", "list"});
  EXPECT_EQ(ran.exit, 2) << "formats are written small";
  const auto root = YAML::Load(Command(server, {"-o", "yaml", "calls", "list"}).out);
  EXPECT_EQ(root["calls"].size(), 2u);
  EXPECT_EQ(root["calls"][0]["caller"]["user_agent"].Scalar(), "Phone \x1b[2J");
  EXPECT_EQ(root["calls"][1]["state"].Scalar(), "CALL_STATE_TERMINATED");
}

TEST(CallsListCommandTest, NoCalls) {
  client::FakeServer server;
  server.list_calls = [](const v1::ListCallsRequest&, v1::ListCallsResponse*) { return grpc::Status::OK; };
  EXPECT_EQ(Command(server, {"calls", "list"}).out, "No calls.\n");
  EXPECT_EQ(Command(server, {"calls", "list", "-o", "json"}).out, "{}\n");
  EXPECT_EQ(Command(server, {"calls", "list", "-o", "yaml"}).out, "{}\n");
}

TEST(CallsListCommandTest, FlagsBecomeAMatch) {
  const File file("header: {name: X-Tenant, value: {exact: blue}}");
  struct Case {
    std::vector<std::string> flags;
    std::string match;
  };
  const Case cases[] = {
      {{}, ""},
      {{"--state", "ringing"}, "state: CALL_STATE_RINGING"},
      {{"--state", "Call-State-Answered"}, "state: CALL_STATE_ANSWERED"},
      {{"--state", "ringing", "--state", "answered"},
       "any_of { matches { state: CALL_STATE_RINGING } matches { state: CALL_STATE_ANSWERED } }"},
      {{"--from", "alice"}, R"(from_uri { contains: "alice" ignore_case: true })"},
      {{"--to", "+49"}, R"(to_uri { contains: "+49" ignore_case: true })"},
      {{"--caller-user-agent", "snom"}, R"(caller_user_agent { contains: "snom" ignore_case: true })"},
      {{"--match", file.path()}, R"(header { name: "X-Tenant" value { exact: "blue" } })"},
      {{"--state", "ringing", "--from", "a", "--match", file.path()},
       R"(all_of { matches { state: CALL_STATE_RINGING } matches { from_uri { contains: "a" ignore_case: true } }
                   matches { header { name: "X-Tenant" value { exact: "blue" } } } })"},
  };
  for (const Case& c : cases) {
    client::FakeServer server;
    server.list_calls = [](const v1::ListCallsRequest&, v1::ListCallsResponse*) { return grpc::Status::OK; };
    std::vector<std::string> args = {"calls", "list"};
    args.insert(args.end(), c.flags.begin(), c.flags.end());
    EXPECT_EQ(Command(server, args).exit, 0) << c.match;
    const auto requests = server.ListCallsRequests();
    ASSERT_EQ(requests.size(), 1u) << c.match;
    EXPECT_EQ(requests[0].has_match(), !c.match.empty()) << c.match;
    EXPECT_THAT(requests[0].match(), EqualsText(c.match)) << c.match;
  }
}

}  // namespace
}  // namespace adieu::cli
