#include <gtest/gtest.h>

#include <regex>

#include "client/adieu/client.h"
#include "tests/unit/client/fake_service.h"

namespace adieu::client {
namespace {

constexpr Options kPatient{.deadline = std::chrono::seconds(30)};

v1::TerminateCallRequest Request(const std::string& id = "") {
  v1::TerminateCallRequest request;
  request.set_name("calls/1");
  request.set_request_id(id);
  return request;
}

// Says no `times`, then yes.
void Refuse(FakeServer& server, int times, const Error& error) {
  server.terminate_call = [=](int attempt, const v1::TerminateCallRequest& request,
                              v1::Termination* termination) {
    if (attempt < times) return Refusal(error);
    termination->set_call(request.name());
    return grpc::Status::OK;
  };
}

TEST(TerminateTest, MakesARequestIdThatIsAUuid) {
  FakeServer server;
  Refuse(server, 0, {});
  const auto client = Client::Connect(server.address(), kPatient);
  ASSERT_TRUE(client.TerminateCall(Request()).ok());
  ASSERT_TRUE(client.TerminateCall(Request()).ok());
  const auto requests = server.TerminateCallRequests();
  const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  EXPECT_TRUE(std::regex_match(requests[0].request_id(), uuid)) << requests[0].request_id();
  EXPECT_NE(requests[0].request_id(), requests[1].request_id());
}

TEST(TerminateTest, KeepsAGivenRequestIdAndNeedsNoneToValidate) {
  FakeServer server;
  Refuse(server, 0, {});
  const auto client = Client::Connect(server.address(), kPatient);
  ASSERT_TRUE(client.TerminateCall(Request("mine")).ok());
  auto dry = Request();
  dry.set_validate_only(true);
  ASSERT_TRUE(client.TerminateCall(dry).ok());
  EXPECT_EQ(server.TerminateCallRequests()[0].request_id(), "mine");
  EXPECT_EQ(server.TerminateCallRequests()[1].request_id(), "");
}

TEST(TerminateTest, AsksAgainWithTheSameIdAfterWhatTheServerSays) {
  FakeServer server;
  Refuse(server, 2,
         {.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
          .reason = "QUEUE_FULL",
          .retry_after = std::chrono::milliseconds(30)});
  const auto begin = std::chrono::steady_clock::now();
  const auto termination = Client::Connect(server.address(), kPatient).TerminateCall(Request());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(60));
  ASSERT_TRUE(termination.ok());
  EXPECT_EQ(termination->call(), "calls/1");
  const auto requests = server.TerminateCallRequests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].request_id(), requests[2].request_id());
}

TEST(TerminateTest, AsksAgainWhenTheServerIsAway) {
  FakeServer server;
  Refuse(server, 1, {.code = grpc::StatusCode::UNAVAILABLE});
  EXPECT_TRUE(Client::Connect(server.address(), kPatient).TerminateCall(Request()).ok());
  EXPECT_EQ(server.TerminateCallRequests().size(), 2u);
}

TEST(TerminateTest, ARetryBeyondTheDeadlineIsNotWaitedFor) {
  FakeServer server;
  Refuse(server, 100,
         {.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
          .reason = "QUEUE_FULL",
          .retry_after = std::chrono::hours(1)});
  const auto termination = Client::Connect(server.address(), kPatient).TerminateCall(Request());
  ASSERT_FALSE(termination.ok());
  EXPECT_EQ(termination.error().reason, "QUEUE_FULL");
  EXPECT_EQ(server.TerminateCallRequests().size(), 1u);
}

TEST(TerminateTest, GivesUpAtTheDeadline) {
  FakeServer server;
  Refuse(server, 1000, {.code = grpc::StatusCode::UNAVAILABLE, .message = "still away"});
  const auto termination = Client::Connect(server.address(), {.deadline = std::chrono::milliseconds(500)})
                               .TerminateCall(Request());
  ASSERT_FALSE(termination.ok());
  EXPECT_GE(server.TerminateCallRequests().size(), 1u);
}

TEST(TerminateTest, OtherErrorsAreFinal) {
  for (const auto code : {grpc::StatusCode::NOT_FOUND, grpc::StatusCode::FAILED_PRECONDITION,
                          grpc::StatusCode::INVALID_ARGUMENT, grpc::StatusCode::INTERNAL}) {
    FakeServer server;
    Refuse(server, 1, {.code = code, .reason = "WHY"});
    const auto termination = Client::Connect(server.address(), kPatient).TerminateCall(Request());
    ASSERT_FALSE(termination.ok());
    EXPECT_EQ(termination.error().code, code);
    EXPECT_EQ(server.TerminateCallRequests().size(), 1u);
  }
}

}  // namespace
}  // namespace adieu::client
