#include "server/engine/decision.h"

#include <gtest/gtest.h>

#include "tests/unit/engine/fakes.h"

namespace adieu::engine {
namespace {

base::Result<Decision> DecideFor(v1::Intent intent, const v1::Treatment* given = nullptr,
                                 std::vector<std::string> own = {}) {
  const v1::Call call = MakeCall("a");
  return Decide(policy::PolicySet(), {.call = &call, .intent = intent}, given, own);
}

TEST(DecisionTest, TheBuiltInPolicyAnswersIntents) {
  const struct {
    v1::Intent intent;
    const char* rule;
    int status_code;
  } cases[] = {{v1::INTENT_BUSY, "busy", 486},
               {v1::INTENT_DECLINED, "declined", 603},
               {v1::INTENT_TRY_LATER, "try_later", 480},
               {v1::INTENT_NOT_FOUND, "not_found", 404}};
  for (const auto& c : cases) {
    const auto decision = DecideFor(c.intent);
    ASSERT_TRUE(decision.ok());
    EXPECT_EQ(decision->termination.policy(), "cancelPolicies/builtin");
    EXPECT_EQ(decision->termination.rule(), c.rule);
    EXPECT_EQ(decision->termination.intent(), c.intent);
    EXPECT_EQ(decision->termination.call(), "calls/a");
    EXPECT_EQ(decision->ending.status_code, c.status_code);
  }
  EXPECT_EQ(DecideFor(v1::INTENT_UNSPECIFIED)->termination.intent(), v1::INTENT_QUIET);
}

TEST(DecisionTest, AGivenTreatmentIsCompleted) {
  v1::Treatment given;
  given.mutable_final_response()->set_status_code(486);
  const auto decision = DecideFor(v1::INTENT_QUIET, &given);
  ASSERT_TRUE(decision.ok());
  EXPECT_EQ(decision->termination.policy(), "");
  EXPECT_EQ(decision->termination.rule(), "");
  EXPECT_EQ(decision->ending.status_code, 486);
  EXPECT_FALSE(decision->termination.treatment().final_response().reason_phrase().empty());
  EXPECT_FALSE(decision->ending.bye_reason.empty());
}

TEST(DecisionTest, AContactThatPointsAtUsIsRefused) {
  const std::vector<std::string> own = {"192.0.2.1:5060"};
  v1::Treatment given;
  given.mutable_redirect()->add_contacts("sip:bob@192.0.2.1");
  const auto decision = DecideFor(v1::INTENT_QUIET, &given, own);
  ASSERT_FALSE(decision.ok());
  EXPECT_EQ(decision.error().violations.at(0).field, "treatment.redirect.contacts[0]");
}

TEST(DecisionTest, PlannedLegsFollowTheState) {
  policy::Rendered ending;
  ending.status_code = 486;
  ending.reason_phrase = "Busy Here";
  ending.bye_reason = "Q.850;cause=16";
  ending.cancel_reason = "SIP;cause=200";
  ending.headers.emplace_back();
  const struct {
    v1::CallState caller;
    v1::CallState callee;
    std::vector<v1::LegAction> actions;
  } cases[] = {
      {v1::CALL_STATE_RINGING, v1::CALL_STATE_UNSPECIFIED, {v1::LEG_ACTION_FINAL_RESPONSE}},
      {v1::CALL_STATE_ANSWERED, v1::CALL_STATE_UNSPECIFIED, {v1::LEG_ACTION_BYE}},
      {v1::CALL_STATE_TERMINATED, v1::CALL_STATE_UNSPECIFIED, {}},
      {v1::CALL_STATE_RINGING,
       v1::CALL_STATE_RINGING,
       {v1::LEG_ACTION_FINAL_RESPONSE, v1::LEG_ACTION_CANCEL}},
      {v1::CALL_STATE_ANSWERED, v1::CALL_STATE_ANSWERED, {v1::LEG_ACTION_BYE, v1::LEG_ACTION_BYE}},
  };
  for (const auto& c : cases) {
    v1::Call call = MakeCall("a", c.caller);
    if (c.callee != v1::CALL_STATE_UNSPECIFIED) call.mutable_callee()->set_state(c.callee);
    std::vector<v1::LegAction> actions;
    for (const v1::LegEnding& leg : PlannedLegs(call, ending)) {
      actions.push_back(leg.action());
      EXPECT_EQ(leg.headers_size(), 1);
      EXPECT_EQ(leg.status_code(), leg.action() == v1::LEG_ACTION_FINAL_RESPONSE ? 486 : 0);
      EXPECT_EQ(leg.outcome(), v1::LEG_OUTCOME_UNSPECIFIED);
    }
    EXPECT_EQ(actions, c.actions);
  }
}

}  // namespace
}  // namespace adieu::engine
