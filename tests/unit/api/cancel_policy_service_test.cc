#include <gtest/gtest.h>

#include <future>

#include "adieu/v1/cancel_policy_service.grpc.pb.h"
#include "tests/unit/api/fixture.h"

namespace adieu::api {
namespace {

class CancelPolicyServiceTest : public ServerTest {
 protected:
  CancelPolicyServiceTest() { EXPECT_FALSE(engine_.policies().Load({}, {}, {})); }

  static v1::CreateCancelPolicyRequest Request(const std::string& id) {
    v1::CreateCancelPolicyRequest request;
    request.set_cancel_policy_id(id);
    v1::Rule& rule = *request.mutable_cancel_policy()->add_rules();
    rule.set_id("one");
    rule.add_triggers(v1::TRIGGER_REQUEST);
    rule.mutable_treatment()->mutable_final_response()->set_status_code(486);
    return request;
  }
  grpc::Status Get(const std::string& name, v1::CancelPolicy* policy) {
    v1::GetCancelPolicyRequest request;
    request.set_name(name);
    return policies_->GetCancelPolicy(Context().get(), request, policy);
  }

  std::unique_ptr<v1::CancelPolicyService::Stub> policies_ = v1::CancelPolicyService::NewStub(channel_);
};

TEST_F(CancelPolicyServiceTest, EveryMethodAnswersAndIsCounted) {
  v1::CancelPolicy created;
  ASSERT_TRUE(policies_->CreateCancelPolicy(Context().get(), Request("a"), &created).ok());
  v1::CancelPolicy got;
  ASSERT_TRUE(Get("cancelPolicies/a", &got).ok());
  EXPECT_EQ(got.SerializeAsString(), created.SerializeAsString());
  v1::UpdateCancelPolicyRequest update;
  *update.mutable_cancel_policy() = created;
  update.mutable_cancel_policy()->set_priority(7);
  v1::CancelPolicy updated;
  ASSERT_TRUE(policies_->UpdateCancelPolicy(Context().get(), update, &updated).ok());
  EXPECT_EQ(updated.priority(), 7);
  v1::ListCancelPoliciesResponse list;
  ASSERT_TRUE(policies_->ListCancelPolicies(Context().get(), {}, &list).ok());
  EXPECT_EQ(list.cancel_policies_size(), 3);
  v1::ExplainCancelPolicyRequest question;
  question.mutable_hypothetical_call();
  v1::ExplainCancelPolicyResponse explanation;
  ASSERT_TRUE(policies_->ExplainCancelPolicy(Context().get(), question, &explanation).ok());
  EXPECT_EQ(explanation.policy(), "cancelPolicies/builtin");
  v1::DeleteCancelPolicyRequest remove;
  remove.set_name("cancelPolicies/a");
  google::protobuf::Empty empty;
  ASSERT_TRUE(policies_->DeleteCancelPolicy(Context().get(), remove, &empty).ok());
  EXPECT_EQ(Get("cancelPolicies/a", &got).error_code(), grpc::StatusCode::NOT_FOUND);

  for (const char* method : {"CreateCancelPolicy", "UpdateCancelPolicy", "ListCancelPolicies",
                             "ExplainCancelPolicy", "DeleteCancelPolicy"}) {
    EXPECT_TRUE(CountsSoon("grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"" + std::string(method) +
                           "\",grpc_service=\"adieu.v1.CancelPolicyService\""))
        << method << "\n"
        << metrics_.Text();
  }
}

TEST_F(CancelPolicyServiceTest, ARefusalHasItsDetails) {
  v1::CreateCancelPolicyRequest request = Request("a");
  request.mutable_cancel_policy()->mutable_rules(0)->mutable_match();
  v1::CancelPolicy policy;
  const grpc::Status status = policies_->CreateCancelPolicy(Context().get(), request, &policy);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const Details details = DetailsOf(status);
  EXPECT_EQ(details.info.reason(), "INVALID_FIELD");
  ASSERT_EQ(details.bad_request.field_violations_size(), 1);
  EXPECT_EQ(details.bad_request.field_violations(0).field(), "cancel_policy.rules[0].match");
}

TEST_F(CancelPolicyServiceTest, AClientThatGoesAwayChangesNothingOfTheChange) {
  std::promise<void> held, release;
  v1::Termination termination;
  termination.set_name("terminations/held");
  store_->Put(termination, [&held, released = release.get_future().share()](const auto&) {
    held.set_value();
    released.wait_for(kPatience);
  });
  ASSERT_EQ(held.get_future().wait_for(kPatience), std::future_status::ready);

  grpc::ClientContext context;
  auto answer = std::async(std::launch::async, [&] {
    v1::CancelPolicy policy;
    return policies_->CreateCancelPolicy(&context, Request("a"), &policy).error_code();
  });
  v1::CancelPolicy policy;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!Get("cancelPolicies/a", &policy).ok() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  context.TryCancel();
  EXPECT_EQ(answer.get(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(
      CountsSoon("grpc_server_handled_total{grpc_code=\"Canceled\",grpc_method=\"CreateCancelPolicy\","));
  release.set_value();
  ASSERT_TRUE(store_->Flush(std::chrono::steady_clock::now() + kPatience));
  EXPECT_EQ(store_->Policies()->size(), 1U);
}

}  // namespace
}  // namespace adieu::api
