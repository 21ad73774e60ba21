#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/adieu/client.h"
#include "tests/unit/client/fake_service.h"
#include "tests/unit/client/text.h"

namespace adieu::client {
namespace {

constexpr Options kPatient{.deadline = std::chrono::seconds(30)};
const Error kQueueFull{.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
                       .reason = "QUEUE_FULL",
                       .retry_after = std::chrono::milliseconds(5)};

TEST(CancelPoliciesTest, ListWalksAllPages) {
  FakeServer server;
  server.list_policies = [](const v1::ListCancelPoliciesRequest& request,
                            v1::ListCancelPoliciesResponse* response) {
    const std::string& token = request.page_token();
    response->add_cancel_policies()->set_name("cancelPolicies/p" + token);
    if (token != "2") response->set_next_page_token(token.empty() ? "1" : "2");
    return grpc::Status::OK;
  };
  const auto policies = Client::Connect(server.address(), kPatient).ListCancelPolicies({});
  ASSERT_TRUE(policies.ok());
  EXPECT_THAT(*policies, EqualsText(R"(cancel_policies { name: "cancelPolicies/p" }
                                       cancel_policies { name: "cancelPolicies/p1" }
                                       cancel_policies { name: "cancelPolicies/p2" })"));
  ASSERT_EQ(server.ListPoliciesRequests().size(), 3u);
  EXPECT_EQ(server.ListPoliciesRequests()[0].page_size(), 1000);
}

TEST(CancelPoliciesTest, AnErrorOnALaterPageIsTheAnswer) {
  FakeServer server;
  server.list_policies = [](const v1::ListCancelPoliciesRequest& request,
                            v1::ListCancelPoliciesResponse* response) {
    if (!request.page_token().empty()) return Refusal({.code = grpc::StatusCode::INVALID_ARGUMENT});
    response->set_next_page_token("1");
    return grpc::Status::OK;
  };
  const auto policies = Client::Connect(server.address(), kPatient).ListCancelPolicies({});
  ASSERT_FALSE(policies.ok());
  EXPECT_EQ(policies.error().code, grpc::StatusCode::INVALID_ARGUMENT);
}

TEST(CancelPoliciesTest, GetAndExplainAskOnce) {
  FakeServer server;
  server.get_policy = [](const v1::GetCancelPolicyRequest& request, v1::CancelPolicy* policy) {
    policy->set_name(request.name());
    return grpc::Status::OK;
  };
  server.explain_policy = [](const v1::ExplainCancelPolicyRequest&, v1::ExplainCancelPolicyResponse*) {
    return Refusal(kQueueFull);
  };
  const auto client = Client::Connect(server.address(), kPatient);
  const auto policy = client.GetCancelPolicy("cancelPolicies/p");
  ASSERT_TRUE(policy.ok());
  EXPECT_EQ(policy->name(), "cancelPolicies/p");
  const auto explanation = client.ExplainCancelPolicy({});
  ASSERT_FALSE(explanation.ok());
  EXPECT_EQ(explanation.error().reason, "QUEUE_FULL");
  EXPECT_EQ(server.ExplainPolicyRequests().size(), 1u);
}

TEST(CancelPoliciesTest, WritesAreRetriedWithTheSameId) {
  FakeServer server;
  server.create_policy = [](int attempt, const v1::CreateCancelPolicyRequest& request,
                            v1::CancelPolicy* policy) {
    *policy = request.cancel_policy();
    return attempt == 0 ? Refusal(kQueueFull) : grpc::Status::OK;
  };
  server.update_policy = [](int attempt, const v1::UpdateCancelPolicyRequest& request,
                            v1::CancelPolicy* policy) {
    *policy = request.cancel_policy();
    return attempt == 0 ? Refusal({.code = grpc::StatusCode::UNAVAILABLE, .reason = "STORE_UNAVAILABLE"})
                        : grpc::Status::OK;
  };
  server.delete_policy = [](int attempt, const v1::DeleteCancelPolicyRequest&) {
    return attempt == 0 ? Refusal(kQueueFull) : grpc::Status::OK;
  };
  const auto client = Client::Connect(server.address(), kPatient);
  EXPECT_TRUE(client.CreateCancelPolicy({}).ok());
  EXPECT_TRUE(client.UpdateCancelPolicy({}).ok());
  EXPECT_EQ(client.DeleteCancelPolicy({}), std::nullopt);
  const auto same = [](const auto& requests) {
    ASSERT_EQ(requests.size(), 2u);
    EXPECT_EQ(requests[0].request_id().size(), 36u);
    EXPECT_EQ(requests[0].request_id(), requests[1].request_id());
  };
  same(server.CreatePolicyRequests());
  same(server.UpdatePolicyRequests());
  same(server.DeletePolicyRequests());
}

TEST(CancelPoliciesTest, ALimitIsNotWaitedFor) {
  FakeServer server;
  server.create_policy = [](int, const v1::CreateCancelPolicyRequest&, v1::CancelPolicy*) {
    return Refusal({.code = grpc::StatusCode::RESOURCE_EXHAUSTED, .reason = "TOO_MANY_POLICIES"});
  };
  const auto policy = Client::Connect(server.address(), kPatient).CreateCancelPolicy({});
  ASSERT_FALSE(policy.ok());
  EXPECT_EQ(policy.error().reason, "TOO_MANY_POLICIES");
  EXPECT_EQ(server.CreatePolicyRequests().size(), 1u);
}

TEST(CancelPoliciesTest, ValidationNeedsNoId) {
  FakeServer server;
  server.delete_policy = [](int, const v1::DeleteCancelPolicyRequest&) { return grpc::Status::OK; };
  v1::DeleteCancelPolicyRequest request;
  request.set_validate_only(true);
  EXPECT_EQ(Client::Connect(server.address(), kPatient).DeleteCancelPolicy(request), std::nullopt);
  EXPECT_EQ(server.DeletePolicyRequests().at(0).request_id(), "");
}

}  // namespace
}  // namespace adieu::client
