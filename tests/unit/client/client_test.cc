#include "client/adieu/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/client/fake_service.h"

namespace adieu::client {
namespace {

using ::testing::ElementsAre;

constexpr Options kPatient{.deadline = std::chrono::seconds(30)};

TEST(ClientTest, ListCallsWalksAllPagesAndKeepsTheFirstResumeToken) {
  FakeServer server;
  server.list_calls = [](const v1::ListCallsRequest& request, v1::ListCallsResponse* response) {
    const int page = request.page_token().empty() ? 0 : std::stoi(request.page_token());
    response->add_calls()->set_name("calls/" + std::to_string(page));
    if (page < 2) response->set_next_page_token(std::to_string(page + 1));
    response->set_resume_token("at" + std::to_string(page));
    return grpc::Status::OK;
  };
  v1::ListCallsRequest request;
  request.mutable_match()->mutable_every_call();
  const auto calls = Client::Connect(server.address(), kPatient).ListCalls(request);
  ASSERT_TRUE(calls.ok());
  ASSERT_EQ(calls->calls_size(), 3);
  EXPECT_EQ(calls->calls(0).name(), "calls/0");
  EXPECT_EQ(calls->calls(2).name(), "calls/2");
  EXPECT_EQ(calls->resume_token(), "at0");
  EXPECT_EQ(calls->next_page_token(), "");
  const auto requests = server.ListCallsRequests();
  ASSERT_EQ(requests.size(), 3u);
  for (const auto& asked : requests) {
    EXPECT_EQ(asked.page_size(), 1000);
    EXPECT_TRUE(asked.match().has_every_call());
  }
}

TEST(ClientTest, APageThatFailsFailsTheList) {
  FakeServer server;
  server.list_calls = [](const v1::ListCallsRequest& request, v1::ListCallsResponse* response) {
    if (!request.page_token().empty())
      return Refusal({grpc::StatusCode::INVALID_ARGUMENT, "old", "INVALID_FIELD"});
    response->set_next_page_token("1");
    return grpc::Status::OK;
  };
  const auto calls = Client::Connect(server.address(), kPatient).ListCalls({});
  ASSERT_FALSE(calls.ok());
  EXPECT_EQ(calls.error().reason, "INVALID_FIELD");
}

TEST(ClientTest, AListWithoutEndStopsAtTheDeadline) {
  FakeServer server;
  server.list_calls = [](const v1::ListCallsRequest&, v1::ListCallsResponse* response) {
    response->set_next_page_token("again");
    return grpc::Status::OK;
  };
  const auto calls =
      Client::Connect(server.address(), {.deadline = std::chrono::milliseconds(200)}).ListCalls({});
  ASSERT_FALSE(calls.ok());
  EXPECT_EQ(calls.error().code, grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST(ClientTest, ListTerminationsWalksAllPages) {
  FakeServer server;
  server.list_terminations = [](const v1::ListTerminationsRequest& request,
                                v1::ListTerminationsResponse* response) {
    response->add_terminations()->set_name("terminations/" + request.page_token());
    if (request.page_token().empty()) response->set_next_page_token("b");
    return grpc::Status::OK;
  };
  v1::ListTerminationsRequest request;
  request.set_page_size(1);
  const auto terminations = Client::Connect(server.address(), kPatient).ListTerminations(request);
  ASSERT_TRUE(terminations.ok());
  EXPECT_EQ(terminations->terminations_size(), 2);
  EXPECT_EQ(server.ListTerminationsRequests()[1].page_size(), 1);
}

TEST(ClientTest, GetCall) {
  FakeServer server;
  server.get_call = [](const v1::GetCallRequest& request, v1::Call* call) {
    if (request.name() != "calls/1")
      return Refusal({grpc::StatusCode::NOT_FOUND, "no such call", "CALL_NOT_FOUND"});
    call->set_name(request.name());
    return grpc::Status::OK;
  };
  const auto client = Client::Connect(server.address(), kPatient);
  const auto call = client.GetCall("calls/1");
  ASSERT_TRUE(call.ok());
  EXPECT_EQ(call->name(), "calls/1");
  const auto none = client.GetCall("calls/2");
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(none.error().reason, "CALL_NOT_FOUND");
}

TEST(ClientTest, Health) {
  using grpc::health::v1::HealthCheckResponse;
  FakeServer server;
  server.health = {{"", HealthCheckResponse::NOT_SERVING}, {"adieu.live", HealthCheckResponse::SERVING}};
  const auto client = Client::Connect(server.address(), kPatient);
  EXPECT_EQ(*client.CheckHealth(""), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(*client.CheckHealth("adieu.live"), HealthCheckResponse::SERVING);
  EXPECT_EQ(client.CheckHealth("x").error().code, grpc::StatusCode::NOT_FOUND);
}

TEST(ClientTest, NobodyThere) {
  std::string address;
  { address = FakeServer().address(); }
  const auto call = Client::Connect(address, kPatient).GetCall("calls/1");
  ASSERT_FALSE(call.ok());
  EXPECT_EQ(call.error().code, grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(call.error().reason, "");
}

}  // namespace
}  // namespace adieu::client
