#include "server/policy/wire_table.h"

namespace adieu::policy {
namespace {

LegStep CallerStep(LegPhase phase, v1::LegAction wanted) {
  const bool answer = wanted == v1::LEG_ACTION_ANSWER_THEN_BYE;
  const bool refuse = wanted == v1::LEG_ACTION_FINAL_RESPONSE || wanted == v1::LEG_ACTION_REDIRECT;
  switch (phase) {
    case LegPhase::kReceived:
    case LegPhase::kRinging:
      if (answer) return LegStep::kAnswerNow;
      return refuse ? LegStep::kSendFinal : LegStep::kNothing;
    case LegPhase::kUnprackedProvisional:
      if (answer) return LegStep::kHoldAnswerForPrack;
      return refuse ? LegStep::kSendFinal : LegStep::kNothing;
    case LegPhase::kAnsweredNoAck:
      return LegStep::kByeAfterAck;
    case LegPhase::kAnswered:
      return LegStep::kBye;
    case LegPhase::kCalling:
    case LegPhase::kTerminating:
    case LegPhase::kTerminated:
      break;
  }
  return LegStep::kNothing;
}

LegStep CalleeStep(LegPhase phase) {
  switch (phase) {
    case LegPhase::kCalling:
      return LegStep::kCancelWhenProvisional;
    case LegPhase::kRinging:
    case LegPhase::kUnprackedProvisional:
      return LegStep::kCancel;
    case LegPhase::kAnsweredNoAck:
      return LegStep::kByeAfterAck;
    case LegPhase::kAnswered:
      return LegStep::kBye;
    case LegPhase::kReceived:
    case LegPhase::kTerminating:
    case LegPhase::kTerminated:
      break;
  }
  return LegStep::kNothing;
}

}  // namespace

LegStep StepFor(v1::LegSide side, LegPhase phase, v1::LegAction wanted) {
  if (wanted == v1::LEG_ACTION_UNSPECIFIED || wanted == v1::LEG_ACTION_NONE) return LegStep::kNothing;
  switch (side) {
    case v1::LEG_SIDE_CALLER:
      return CallerStep(phase, wanted);
    case v1::LEG_SIDE_CALLEE:
      return CalleeStep(phase);
    default:
      return LegStep::kNothing;
  }
}

v1::LegAction ActionOf(LegStep step, v1::LegAction wanted) {
  switch (step) {
    case LegStep::kSendFinal:
      return wanted;
    case LegStep::kAnswerNow:
    case LegStep::kHoldAnswerForPrack:
      return v1::LEG_ACTION_ANSWER_THEN_BYE;
    case LegStep::kByeAfterAck:
    case LegStep::kBye:
      return v1::LEG_ACTION_BYE;
    case LegStep::kCancel:
    case LegStep::kCancelWhenProvisional:
      return v1::LEG_ACTION_CANCEL;
    case LegStep::kNothing:
      break;
  }
  return v1::LEG_ACTION_NONE;
}

v1::LegOutcome FirstOutcome(LegStep step) {
  switch (step) {
    case LegStep::kSendFinal:
    case LegStep::kAnswerNow:
    case LegStep::kBye:
    case LegStep::kCancel:
      return v1::LEG_OUTCOME_SENT;
    case LegStep::kHoldAnswerForPrack:
    case LegStep::kByeAfterAck:
    case LegStep::kCancelWhenProvisional:
      return v1::LEG_OUTCOME_HELD;
    case LegStep::kNothing:
      break;
  }
  return v1::LEG_OUTCOME_UNSPECIFIED;
}

}  // namespace adieu::policy
