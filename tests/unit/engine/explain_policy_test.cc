#include "server/engine/explain_policy.h"

#include <gtest/gtest.h>

#include "tests/unit/engine/fakes.h"

namespace adieu::engine {
namespace {

class ExplainPolicyTest : public testing::Test {
 protected:
  ExplainPolicyTest() { EXPECT_FALSE(book_.Load({}, {}, {})); }
  ~ExplainPolicyTest() override { store_->Close(); }

  metrics::Metrics metrics_{"test"};
  CallRegistry registry_{{}, &metrics_};
  std::unique_ptr<store::Store> store_ = store::OpenMemory();
  PolicyBook book_{store_.get()};
};

// Many rules with many nodes, none of which holds, before one that does.
v1::CancelPolicy Wordy() {
  v1::CancelPolicy policy;
  policy.set_name("cancelPolicies/wordy");
  policy.set_priority(1);
  for (int i = 0; i < 256; ++i) {
    v1::Rule& rule = *policy.add_rules();
    rule.set_id("r" + std::to_string(i));
    rule.add_triggers(v1::TRIGGER_REQUEST);
    rule.mutable_treatment()->mutable_final_response()->set_status_code(486);
    if (i == 200) continue;
    auto& matches = *rule.mutable_match()->mutable_any_of()->mutable_matches();
    for (int leaf = 0; leaf < 60; ++leaf)
      matches.Add()->mutable_to_uri()->set_exact("no" + std::string(30, 'x'));
  }
  return policy;
}

TEST_F(ExplainPolicyTest, AnAnswerThatIsTooLargeIsCut) {
  v1::ExplainCancelPolicyRequest request;
  request.mutable_hypothetical_call()->mutable_caller()->set_to_uri("sip:" + std::string(300, 'y'));
  *request.add_candidate_policies() = Wordy();
  const auto answer = ExplainPolicy(registry_, book_, request);
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer->policy(), "cancelPolicies/wordy");
  EXPECT_EQ(answer->rule(), "r200");
  EXPECT_LT(answer->ByteSizeLong(), 3U << 20);
  ASSERT_GT(answer->rule_explanations_size(), 255);
  EXPECT_EQ(answer->rule_explanations(0).verdict(), v1::RULE_VERDICT_NO_MATCH);
  EXPECT_FALSE(answer->rule_explanations(0).has_match());
  EXPECT_EQ(answer->rule_explanations(200).verdict(), v1::RULE_VERDICT_MATCHED);
}

TEST_F(ExplainPolicyTest, AnAnswerOfUsualSizeIsWhole) {
  v1::CancelPolicy policy = Wordy();
  policy.mutable_rules()->DeleteSubrange(0, 199);
  v1::ExplainCancelPolicyRequest request;
  request.mutable_hypothetical_call();
  *request.add_candidate_policies() = policy;
  const auto answer = ExplainPolicy(registry_, book_, request);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->rule_explanations(0).match().branches_size(), 60);
}

TEST_F(ExplainPolicyTest, ALiveCallIsTheRegistrys) {
  registry_.Update(MakeCall("a"));
  v1::ExplainCancelPolicyRequest request;
  request.set_call("calls/a");
  ASSERT_TRUE(ExplainPolicy(registry_, book_, request).ok());
  EXPECT_EQ(ExplainPolicy(registry_, book_, request)->messages_size(), 1);
  request.set_call("calls/b");
  const auto none = ExplainPolicy(registry_, book_, request);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().reason, "CALL_NOT_FOUND");
}

}  // namespace
}  // namespace adieu::engine
