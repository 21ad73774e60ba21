#include "server/api/audit.h"

#include <gtest/gtest.h>

#include "adieu/v1/call_control_service.pb.h"
#include "adieu/v1/cancel_policy_service.pb.h"

namespace adieu::api {
namespace {

TEST(ChangeOf, NamesWhatEachMethodChanges) {
  v1::TerminateCallRequest terminate;
  terminate.set_name("calls/a");
  terminate.set_policy("cancelPolicies/p");
  terminate.set_request_id("id");
  Change change = ChangeOf(terminate);
  EXPECT_EQ(change.resource, "calls/a");
  EXPECT_EQ(change.policy, "cancelPolicies/p");
  EXPECT_EQ(change.request_id, "id");
  EXPECT_FALSE(change.validate_only);
  terminate.set_sip_call_id("b@host");
  terminate.set_validate_only(true);
  change = ChangeOf(terminate);
  EXPECT_EQ(change.resource, "b@host");
  EXPECT_TRUE(change.validate_only);

  v1::ApplyCancelPolicyRequest apply;
  EXPECT_EQ(ChangeOf(apply).policy, "");
  apply.mutable_inline_policy()->set_name("cancelPolicies/mine");
  EXPECT_EQ(ChangeOf(apply).policy, "cancelPolicies/inline");

  v1::CreateCancelPolicyRequest create;
  EXPECT_EQ(ChangeOf(create).resource, "");
  create.set_cancel_policy_id("c");
  EXPECT_EQ(ChangeOf(create).resource, "cancelPolicies/c");
  create.mutable_cancel_policy()->set_name("cancelPolicies/d");
  EXPECT_EQ(ChangeOf(create).resource, "cancelPolicies/d");

  v1::UpdateCancelPolicyRequest update;
  update.mutable_cancel_policy()->set_name("cancelPolicies/e");
  EXPECT_EQ(ChangeOf(update).resource, "cancelPolicies/e");

  v1::DeleteCancelPolicyRequest remove;
  remove.set_name("cancelPolicies/f");
  EXPECT_EQ(ChangeOf(remove).resource, "cancelPolicies/f");
}

TEST(ResultOf, NamesWhatCameOfIt) {
  v1::Termination termination;
  termination.set_name("terminations/a");
  EXPECT_EQ(ResultOf(termination), "terminations/a");
  v1::ApplyCancelPolicyResponse sweep;
  sweep.set_sweep("sweeps/a");
  EXPECT_EQ(ResultOf(sweep), "sweeps/a");
  EXPECT_EQ(ResultOf(google::protobuf::Empty()), "");
}

}  // namespace
}  // namespace adieu::api
