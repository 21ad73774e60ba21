#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/client/command.h"
#include "tests/unit/client/file.h"
#include "tests/unit/client/text.h"

namespace adieu::cli {
namespace {

using Writer = client::FakeServer::Writer;

// A call, a bookmark, the call's removal; then a stream that cannot be resumed, which ends the command.
void ServeChanges(client::FakeServer& server) {
  server.watch_calls = [](int, const v1::WatchCallsRequest&, grpc::ServerContext*, Writer* writer) {
    for (const char* change :
         {R"(resume_token: "1" call { name: "calls/1" state: CALL_STATE_RINGING
                                    caller { from_uri: "sip:a@x" to_uri: "sip:b@y" user_agent: "snom" } })",
          R"(resume_token: "2" bookmark {})", R"(resume_token: "3" removed_name: "calls/1")"}) {
      writer->Write(FromText<v1::WatchCallsResponse>(change));
    }
    return client::Refusal({grpc::StatusCode::OUT_OF_RANGE, "list again", "RESUME_TOKEN_EXPIRED"});
  };
}

TEST(CallsWatchCommandTest, TableGoesOnLineByLine) {
  client::FakeServer server;
  ServeChanges(server);
  const Ran ran = Command(server, {"calls", "watch"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.err, "adieu: OUT_OF_RANGE (RESUME_TOKEN_EXPIRED): list again\n");
  std::istringstream lines(ran.out);
  std::string heading, call, removed, none;
  std::getline(lines, heading);
  std::getline(lines, call);
  std::getline(lines, removed);
  EXPECT_FALSE(std::getline(lines, none)) << none;
  EXPECT_EQ(heading.find("NAME"), call.find("calls/1"));
  EXPECT_EQ(heading.find("NAME"), removed.find("calls/1"));
  EXPECT_EQ(heading.find("STATE"), call.find("RINGING"));
  EXPECT_EQ(heading.find("TO  "), call.find("sip:b@y"));
  EXPECT_EQ(call.substr(0, 6), "call  ");
  EXPECT_EQ(removed.substr(0, 9), "removed  ");
}

TEST(CallsWatchCommandTest, JsonIsOneObjectPerLine) {
  client::FakeServer server;
  ServeChanges(server);
  EXPECT_EQ(Command(server, {"calls", "watch", "-o", "json"}).out,
            R"({"resume_token":"1","call":{"name":"calls/1","state":"CALL_STATE_RINGING",)"
            R"("caller":{"from_uri":"sip:a@x","to_uri":"sip:b@y","user_agent":"snom"}}})"
            "\n"
            R"({"resume_token":"2","bookmark":{}})"
            "\n"
            R"({"resume_token":"3","removed_name":"calls/1"})"
            "\n");
}

TEST(CallsWatchCommandTest, YamlIsOneDocumentPerChange) {
  client::FakeServer server;
  ServeChanges(server);
  EXPECT_THAT(Command(server, {"calls", "watch", "-o", "yaml"}).out,
              ::testing::EndsWith("---\nresume_token: \"2\"\nbookmark: {}\n"
                                  "---\nresume_token: \"3\"\nremoved_name: calls/1\n"));
}

TEST(CallsWatchCommandTest, PassesMatchAndToken) {
  client::FakeServer server;
  ServeChanges(server);
  Command(server, {"calls", "watch", "--state", "ringing", "--resume-token", "42"});
  ASSERT_EQ(server.WatchCallsRequests().size(), 1u);
  EXPECT_THAT(server.WatchCallsRequests()[0],
              EqualsText(R"(match { state: CALL_STATE_RINGING } resume_token: "42")"));
}

TEST(CallsWatchCommandTest, StopsWhenNobodyReadsAnyMore) {
  client::FakeServer server;
  server.watch_calls = [](int, const v1::WatchCallsRequest&, grpc::ServerContext* context, Writer* writer) {
    writer->Write(FromText<v1::WatchCallsResponse>("bookmark {}"));
    client::HoldUntilCancelled(context);
    return grpc::Status::OK;
  };
  std::ostringstream out, err;
  out.setstate(std::ios::badbit);
  EXPECT_EQ(cli::Run({"--server", server.address(), "calls", "watch", "-o", "json"}, out, err), 0);
}

}  // namespace
}  // namespace adieu::cli
