#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "client/adieu/client.h"
#include "tests/unit/client/fake_service.h"

namespace adieu::client {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using Writer = FakeServer::SweepWriter;

constexpr Options kPatient{.deadline = std::chrono::seconds(30)};

v1::ApplyCancelPolicyResponse Progress(int ended, const std::string& sweep = "sweeps/1") {
  v1::ApplyCancelPolicyResponse progress;
  progress.set_sweep(sweep);
  progress.set_matched_count(3);
  progress.set_ended_count(ended);
  progress.add_terminations();
  return progress;
}

// Collects the counts until one is `last`.
struct Counts {
  int last = 1'000;
  std::vector<int> counts = {};

  Client::OnProgress Collect() {
    return [this](const v1::ApplyCancelPolicyResponse& progress) {
      counts.push_back(progress.ended_count());
      return progress.ended_count() != last;
    };
  }
};

v1::ApplyCancelPolicyRequest Request(const std::string& id = "") {
  v1::ApplyCancelPolicyRequest request;
  request.mutable_match()->mutable_every_call();
  request.set_max_calls(3);
  request.set_request_id(id);
  return request;
}

TEST(SweepTest, TellsProgressAndAnswersWithTheLast) {
  FakeServer server;
  server.apply_cancel_policy = [](int, const auto&, grpc::ServerContext*, Writer* writer) {
    for (int ended : {0, 2, 3}) writer->Write(Progress(ended));
    return grpc::Status::OK;
  };
  Counts counts;
  const auto last =
      Client::Connect(server.address(), kPatient).ApplyCancelPolicy(Request(), counts.Collect());
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(last->ended_count(), 3);
  EXPECT_EQ(last->terminations_size(), 0);
  EXPECT_THAT(counts.counts, ElementsAre(0, 2, 3));
  ASSERT_EQ(server.ApplyCancelPolicyRequests().size(), 1u);
  EXPECT_EQ(server.ApplyCancelPolicyRequests()[0].request_id().size(), 36u) << "it makes one";
}

TEST(SweepTest, ABrokenStreamIsContinuedAndNotBegunAgain) {
  FakeServer server;
  server.apply_cancel_policy = [](int attempt, const auto&, grpc::ServerContext*, Writer* writer) {
    if (attempt == 0) {
      writer->Write(Progress(1));
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, "socket closed");
    }
    if (attempt == 1) return Refusal({.code = grpc::StatusCode::ABORTED, .reason = "SWEEP_RUNNING"});
    writer->Write(Progress(3));
    return grpc::Status::OK;
  };
  Counts counts;
  const auto last =
      Client::Connect(server.address(), kPatient).ApplyCancelPolicy(Request("mine"), counts.Collect());
  ASSERT_TRUE(last.ok()) << last.error().message;
  EXPECT_THAT(counts.counts, ElementsAre(1, 3));
  const auto requests = server.ApplyCancelPolicyRequests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].sweep(), "");
  EXPECT_EQ(requests[2].sweep(), "sweeps/1");
  EXPECT_EQ(requests[2].request_id(), "mine");
}

TEST(SweepTest, ASilentStreamIsContinued) {
  FakeServer server;
  server.apply_cancel_policy = [](int attempt, const auto&, grpc::ServerContext* context, Writer* writer) {
    writer->Write(Progress(attempt == 0 ? 1 : 3));
    if (attempt == 0) HoldUntilCancelled(context);
    return grpc::Status::OK;
  };
  Options options = kPatient;
  options.sweep_silence = milliseconds(200);
  Counts counts;
  ASSERT_TRUE(Client::Connect(server.address(), options).ApplyCancelPolicy(Request(), counts.Collect()).ok());
  EXPECT_THAT(counts.counts, ElementsAre(1, 3));
}

TEST(SweepTest, WhatCannotGetBetterIsTheAnswerAtOnce) {
  const Error errors[] = {
      {.code = grpc::StatusCode::FAILED_PRECONDITION, .reason = "TOO_MANY_MATCHES"},
      {.code = grpc::StatusCode::INVALID_ARGUMENT, .reason = "REQUEST_ID_REUSED"},
      {.code = grpc::StatusCode::NOT_FOUND, .reason = "SWEEP_NOT_FOUND"},
  };
  for (const Error& error : errors) {
    FakeServer server;
    server.apply_cancel_policy = [&](int, const auto&, grpc::ServerContext*, Writer*) {
      return Refusal(error);
    };
    Counts counts;
    const auto last =
        Client::Connect(server.address(), kPatient).ApplyCancelPolicy(Request("a"), counts.Collect());
    ASSERT_FALSE(last.ok());
    EXPECT_EQ(last.error().reason, error.reason);
    EXPECT_EQ(server.ApplyCancelPolicyRequests().size(), 1u);
  }
}

TEST(SweepTest, AnotherStreamIsWaitedForASecond) {
  FakeServer server;
  server.apply_cancel_policy = [](int, const auto&, grpc::ServerContext*, Writer*) {
    return Refusal({.code = grpc::StatusCode::ABORTED, .reason = "SWEEP_RUNNING"});
  };
  Counts counts;
  const auto last =
      Client::Connect(server.address(), kPatient).ApplyCancelPolicy(Request("a"), counts.Collect());
  ASSERT_FALSE(last.ok());
  EXPECT_EQ(last.error().reason, "SWEEP_RUNNING");
  EXPECT_GT(server.ApplyCancelPolicyRequests().size(), 1u);
  EXPECT_LT(server.ApplyCancelPolicyRequests().size(), 10u);
}

TEST(SweepTest, AServerThatStopsLeavesNothingToContinue) {
  FakeServer server;
  server.apply_cancel_policy = [](int, const auto&, grpc::ServerContext*, Writer* writer) {
    writer->Write(Progress(1));
    return Refusal({.code = grpc::StatusCode::UNAVAILABLE, .reason = "SHUTTING_DOWN"});
  };
  Counts counts;
  const auto last =
      Client::Connect(server.address(), kPatient).ApplyCancelPolicy(Request(), counts.Collect());
  ASSERT_FALSE(last.ok());
  EXPECT_EQ(last.error().reason, "SHUTTING_DOWN");
  EXPECT_EQ(server.ApplyCancelPolicyRequests().size(), 1u);
}

TEST(SweepTest, TooManySweepsAreWaitedFor) {
  FakeServer server;
  server.apply_cancel_policy = [](int attempt, const auto&, grpc::ServerContext*, Writer* writer) {
    if (attempt < 2) {
      return Refusal({.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
                      .reason = "TOO_MANY_SWEEPS",
                      .retry_after = milliseconds(10)});
    }
    writer->Write(Progress(3));
    return grpc::Status::OK;
  };
  Counts counts;
  EXPECT_TRUE(
      Client::Connect(server.address(), kPatient).ApplyCancelPolicy(Request(), counts.Collect()).ok());
  EXPECT_EQ(server.ApplyCancelPolicyRequests().size(), 3u);
}

TEST(SweepTest, StopsWhenAskedTo) {
  FakeServer server;
  server.apply_cancel_policy = [](int, const auto&, grpc::ServerContext* context, Writer* writer) {
    writer->Write(Progress(1));
    HoldUntilCancelled(context);
    return grpc::Status(grpc::StatusCode::CANCELLED, "");
  };
  const auto client = Client::Connect(server.address(), kPatient);
  Counts counts{.last = 1};
  auto last = client.ApplyCancelPolicy(Request(), counts.Collect());
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(last->ended_count(), 1);

  std::stop_source stop;
  last = client.ApplyCancelPolicy(
      Request(),
      [&](const auto&) {
        stop.request_stop();
        return true;
      },
      stop.get_token());
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(last->ended_count(), 1);
  EXPECT_EQ(server.ApplyCancelPolicyRequests().size(), 2u);
}

TEST(SweepTest, NobodyListens) {
  Counts counts;
  const auto last = Client::Connect("127.0.0.1:1", {.deadline = milliseconds(300)})
                        .ApplyCancelPolicy(Request(), counts.Collect());
  ASSERT_FALSE(last.ok());
  EXPECT_EQ(last.error().code, grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace adieu::client
