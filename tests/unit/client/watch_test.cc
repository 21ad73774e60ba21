#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "client/adieu/client.h"
#include "tests/unit/client/fake_service.h"

namespace adieu::client {
namespace {

using ::testing::ElementsAre;
using Writer = FakeServer::Writer;

constexpr Options kPatient{.deadline = std::chrono::seconds(30)};

v1::WatchCallsResponse Change(const std::string& name, const std::string& token) {
  v1::WatchCallsResponse change;
  change.mutable_call()->set_name(name);
  change.set_resume_token(token);
  return change;
}

// Collects the names until there are `count`.
struct Names {
  size_t count;
  std::vector<std::string> names = {};

  Client::OnChange Collect() {
    return [this](const v1::WatchCallsResponse& change) {
      names.push_back(change.call().name());
      return names.size() < count;
    };
  }
};

TEST(WatchTest, TellsChangesInOrderUntilTheCallbackHasEnough) {
  FakeServer server;
  server.watch_calls = [](int, const v1::WatchCallsRequest&, grpc::ServerContext* context, Writer* writer) {
    for (const char* name : {"a", "b", "c", "d"}) writer->Write(Change(name, name));
    HoldUntilCancelled(context);
    return grpc::Status::OK;
  };
  Names names{3};
  v1::WatchCallsRequest request;
  request.mutable_match()->set_state(v1::CALL_STATE_RINGING);
  EXPECT_FALSE(Client::Connect(server.address(), kPatient).WatchCalls(request, names.Collect()));
  EXPECT_THAT(names.names, ElementsAre("a", "b", "c"));
  ASSERT_EQ(server.WatchCallsRequests().size(), 1u);
  EXPECT_EQ(server.WatchCallsRequests()[0].match().state(), v1::CALL_STATE_RINGING);
}

TEST(WatchTest, ABrokenOrEndedStreamIsResumedWhereItWas) {
  struct Case {
    const char* name;
    grpc::Status end;
  };
  const Case cases[] = {
      {"broken", {grpc::StatusCode::UNAVAILABLE, "socket closed"}},
      {"ended by the server", grpc::Status::OK},
      {"too slow", Refusal({.code = grpc::StatusCode::RESOURCE_EXHAUSTED, .reason = "WATCHER_TOO_SLOW"})},
  };
  for (const Case& c : cases) {
    FakeServer server;
    server.watch_calls = [&](int attempt, const v1::WatchCallsRequest&, grpc::ServerContext*,
                             Writer* writer) {
      writer->Write(Change("call" + std::to_string(attempt), "at" + std::to_string(attempt)));
      return c.end;
    };
    Names names{3};
    v1::WatchCallsRequest request;
    request.mutable_match()->set_state(v1::CALL_STATE_RINGING);
    EXPECT_FALSE(Client::Connect(server.address(), kPatient).WatchCalls(request, names.Collect())) << c.name;
    EXPECT_THAT(names.names, ElementsAre("call0", "call1", "call2")) << c.name;
    const auto requests = server.WatchCallsRequests();
    ASSERT_EQ(requests.size(), 3u) << c.name;
    EXPECT_EQ(requests[0].resume_token(), "") << c.name;
    EXPECT_EQ(requests[1].resume_token(), "at0") << c.name;
    EXPECT_EQ(requests[2].resume_token(), "at1") << c.name;
    EXPECT_EQ(requests[2].match().state(), v1::CALL_STATE_RINGING) << c.name;
  }
}

TEST(WatchTest, ASilentStreamIsLeftAndResumed) {
  FakeServer server;
  server.watch_calls = [](int attempt, const v1::WatchCallsRequest&, grpc::ServerContext* context,
                          Writer* writer) {
    if (attempt > 0) writer->Write(Change("again", "2"));
    HoldUntilCancelled(context);
    return grpc::Status::OK;
  };
  Names names{1};
  const auto client = Client::Connect(server.address(), {.deadline = std::chrono::seconds(30),
                                                         .watch_silence = std::chrono::milliseconds(200)});
  EXPECT_FALSE(client.WatchCalls({}, names.Collect()));
  EXPECT_THAT(names.names, ElementsAre("again"));
  EXPECT_GE(server.WatchCallsRequests().size(), 2u);
}

TEST(WatchTest, WhatCannotBeResumedIsTold) {
  FakeServer server;
  server.watch_calls = [](int attempt, const v1::WatchCallsRequest&, grpc::ServerContext*, Writer* writer) {
    if (attempt > 0) return Refusal({grpc::StatusCode::OUT_OF_RANGE, "list again", "RESUME_TOKEN_EXPIRED"});
    writer->Write(Change("a", "1"));
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "restart");
  };
  Names names{10};
  const auto wrong = Client::Connect(server.address(), kPatient).WatchCalls({}, names.Collect());
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->code, grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(wrong->reason, "RESUME_TOKEN_EXPIRED");
  EXPECT_THAT(names.names, ElementsAre("a"));
}

TEST(WatchTest, GivesUpWhenNobodyIsThereForTheDeadline) {
  std::string address;
  { address = FakeServer().address(); }
  Names names{1};
  const auto wrong =
      Client::Connect(address, {.deadline = std::chrono::milliseconds(250)}).WatchCalls({}, names.Collect());
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->code, grpc::StatusCode::UNAVAILABLE);
}

TEST(WatchTest, StopEndsAWatchThatIsQuiet) {
  FakeServer server;
  std::stop_source stop;
  server.watch_calls = [&stop](int, const v1::WatchCallsRequest&, grpc::ServerContext* context, Writer*) {
    stop.request_stop();
    HoldUntilCancelled(context);
    return grpc::Status::OK;
  };
  Names names{1};
  EXPECT_FALSE(Client::Connect(server.address(), kPatient).WatchCalls({}, names.Collect(), stop.get_token()));
  EXPECT_TRUE(names.names.empty());
}

TEST(WatchTest, StopEndsAWatchThatWaitsToComeBack) {
  std::stop_source stop;
  std::jthread stopper;
  FakeServer server;
  server.watch_calls = [&](int, const v1::WatchCallsRequest&, grpc::ServerContext*, Writer*) {
    stopper = std::jthread([&stop] { stop.request_stop(); });
    return Refusal({.code = grpc::StatusCode::RESOURCE_EXHAUSTED, .retry_after = std::chrono::seconds(25)});
  };
  Names names{1};
  EXPECT_FALSE(Client::Connect(server.address(), kPatient).WatchCalls({}, names.Collect(), stop.get_token()));
}

TEST(WatchTest, AStoppedWatchDoesNotBegin) {
  std::stop_source stop;
  stop.request_stop();
  Names names{1};
  EXPECT_FALSE(Client::Connect("127.0.0.1:1", kPatient).WatchCalls({}, names.Collect(), stop.get_token()));
}

}  // namespace
}  // namespace adieu::client
