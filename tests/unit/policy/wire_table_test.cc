#include "server/policy/wire_table.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace adieu::policy {
namespace {

using enum LegPhase;
using enum LegStep;

constexpr v1::LegAction kEndings[] = {v1::LEG_ACTION_FINAL_RESPONSE, v1::LEG_ACTION_REDIRECT,
                                      v1::LEG_ACTION_ANSWER_THEN_BYE};

// What a leg in this phase gets, by what the treatment gives an unanswered caller.
struct Row {
  v1::LegSide side;
  LegPhase phase;
  LegStep final_response;
  LegStep redirect;
  LegStep answer_then_bye;
  LegStep cancel;
  LegStep bye;
};

constexpr v1::LegSide kCaller = v1::LEG_SIDE_CALLER;
constexpr v1::LegSide kCallee = v1::LEG_SIDE_CALLEE;

const std::vector<Row> kTable = {
    {kCaller, kCalling, kNothing, kNothing, kNothing, kNothing, kNothing},
    {kCaller, kReceived, kSendFinal, kSendFinal, kAnswerNow, kNothing, kNothing},
    {kCaller, kRinging, kSendFinal, kSendFinal, kAnswerNow, kNothing, kNothing},
    {kCaller, kUnprackedProvisional, kSendFinal, kSendFinal, kHoldAnswerForPrack, kNothing, kNothing},
    {kCaller, kAnsweredNoAck, kByeAfterAck, kByeAfterAck, kByeAfterAck, kByeAfterAck, kByeAfterAck},
    {kCaller, kAnswered, kBye, kBye, kBye, kBye, kBye},
    {kCaller, kTerminating, kNothing, kNothing, kNothing, kNothing, kNothing},
    {kCaller, kTerminated, kNothing, kNothing, kNothing, kNothing, kNothing},
    {kCallee, kCalling, kCancelWhenProvisional, kCancelWhenProvisional, kCancelWhenProvisional,
     kCancelWhenProvisional, kCancelWhenProvisional},
    {kCallee, kReceived, kNothing, kNothing, kNothing, kNothing, kNothing},
    {kCallee, kRinging, kCancel, kCancel, kCancel, kCancel, kCancel},
    {kCallee, kUnprackedProvisional, kCancel, kCancel, kCancel, kCancel, kCancel},
    {kCallee, kAnsweredNoAck, kByeAfterAck, kByeAfterAck, kByeAfterAck, kByeAfterAck, kByeAfterAck},
    {kCallee, kAnswered, kBye, kBye, kBye, kBye, kBye},
    {kCallee, kTerminating, kNothing, kNothing, kNothing, kNothing, kNothing},
    {kCallee, kTerminated, kNothing, kNothing, kNothing, kNothing, kNothing},
};

TEST(WireTableTest, EveryRow) {
  for (const Row& row : kTable) {
    const auto step = [&row](v1::LegAction wanted) { return StepFor(row.side, row.phase, wanted); };
    EXPECT_EQ(step(v1::LEG_ACTION_FINAL_RESPONSE), row.final_response);
    EXPECT_EQ(step(v1::LEG_ACTION_REDIRECT), row.redirect);
    EXPECT_EQ(step(v1::LEG_ACTION_ANSWER_THEN_BYE), row.answer_then_bye);
    EXPECT_EQ(step(v1::LEG_ACTION_CANCEL), row.cancel);
    EXPECT_EQ(step(v1::LEG_ACTION_BYE), row.bye);
    EXPECT_EQ(step(v1::LEG_ACTION_NONE), kNothing);
    EXPECT_EQ(step(v1::LEG_ACTION_UNSPECIFIED), kNothing);
  }
}

TEST(WireTableTest, EverySideAndPhaseHasOneRow) {
  std::map<std::pair<v1::LegSide, LegPhase>, int> rows;
  for (const Row& row : kTable) ++rows[{row.side, row.phase}];
  for (v1::LegSide side : {kCaller, kCallee}) {
    for (LegPhase phase : kLegPhases) EXPECT_EQ((rows[{side, phase}]), 1);
  }
  EXPECT_EQ(kTable.size(), 2 * kLegPhases.size());
}

// RFC 3261 9.1 and 15, for every combination.
TEST(WireTableTest, WhatMayNeverLeave) {
  for (LegPhase phase : kLegPhases) {
    for (v1::LegAction wanted : kEndings) {
      const LegStep caller = StepFor(kCaller, phase, wanted);
      const LegStep callee = StepFor(kCallee, phase, wanted);
      const bool acked = phase == kAnswered;
      const bool answered = acked || phase == kAnsweredNoAck;
      EXPECT_EQ(caller == kBye || callee == kBye, acked);
      EXPECT_EQ(caller == kByeAfterAck || callee == kByeAfterAck, answered && !acked);
      EXPECT_FALSE(caller == kCancel || caller == kCancelWhenProvisional);
      if (callee == kCancel) {
        EXPECT_TRUE(phase == kRinging || phase == kUnprackedProvisional);
      }
      if (phase == kUnprackedProvisional) {
        EXPECT_NE(caller, kAnswerNow);
      }
      if (answered || phase == kTerminating || phase == kTerminated) {
        EXPECT_NE(caller, kSendFinal);
      }
    }
  }
  EXPECT_EQ(StepFor(v1::LEG_SIDE_UNSPECIFIED, kRinging, v1::LEG_ACTION_FINAL_RESPONSE), kNothing);
}

struct StepCase {
  LegStep step;
  v1::LegAction action;  // when FINAL_RESPONSE is wanted
  v1::LegOutcome outcome;
};

TEST(WireTableTest, WhatIsSaidAboutAStep) {
  const StepCase cases[] = {
      {kSendFinal, v1::LEG_ACTION_FINAL_RESPONSE, v1::LEG_OUTCOME_SENT},
      {kAnswerNow, v1::LEG_ACTION_ANSWER_THEN_BYE, v1::LEG_OUTCOME_SENT},
      {kHoldAnswerForPrack, v1::LEG_ACTION_ANSWER_THEN_BYE, v1::LEG_OUTCOME_HELD},
      {kByeAfterAck, v1::LEG_ACTION_BYE, v1::LEG_OUTCOME_HELD},
      {kBye, v1::LEG_ACTION_BYE, v1::LEG_OUTCOME_SENT},
      {kCancel, v1::LEG_ACTION_CANCEL, v1::LEG_OUTCOME_SENT},
      {kCancelWhenProvisional, v1::LEG_ACTION_CANCEL, v1::LEG_OUTCOME_HELD},
      {kNothing, v1::LEG_ACTION_NONE, v1::LEG_OUTCOME_UNSPECIFIED},
  };
  for (const StepCase& c : cases) {
    EXPECT_EQ(ActionOf(c.step, v1::LEG_ACTION_FINAL_RESPONSE), c.action);
    EXPECT_EQ(FirstOutcome(c.step), c.outcome);
  }
  EXPECT_EQ(ActionOf(kSendFinal, v1::LEG_ACTION_REDIRECT), v1::LEG_ACTION_REDIRECT);
}

}  // namespace
}  // namespace adieu::policy
