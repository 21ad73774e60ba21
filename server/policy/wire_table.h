#pragma once

#include <array>

#include "adieu/v1/call.pb.h"
#include "adieu/v1/termination.pb.h"

namespace adieu::policy {

// What leaves on the wire to end a leg, by the leg's state: pure decisions, carried out by the SIP room.

// Where a leg stands, as far as its ending is concerned.
enum class LegPhase {
  kCalling,               // callee: INVITE sent, no 1xx seen
  kReceived,              // caller: INVITE received, nothing but 100 sent
  kRinging,               // a 1xx was sent or seen, and every reliable one of ours is PRACKed
  kUnprackedProvisional,  // a reliable 1xx waits for its PRACK (RFC 3262)
  kAnsweredNoAck,         // the 200 was sent or seen, the ACK was not
  kAnswered,              // the ACK was sent or seen
  kTerminating,           // an ending left or waits for its moment
  kTerminated,            // nothing is left to do
};
inline constexpr std::array kLegPhases = {
    LegPhase::kCalling,       LegPhase::kReceived, LegPhase::kRinging,     LegPhase::kUnprackedProvisional,
    LegPhase::kAnsweredNoAck, LegPhase::kAnswered, LegPhase::kTerminating, LegPhase::kTerminated};

// What to do now.
enum class LegStep {
  kSendFinal,              // the final response or the redirect, at once
  kAnswerNow,              // 200 at once; BYE after the ACK and `bye_after`
  kHoldAnswerForPrack,     // 200 as soon as the PRACK is there; none in 64*T1: 504 (RFC 3262 3)
  kByeAfterAck,            // BYE as soon as the ACK is there, at most 64*T1 (RFC 3261 15)
  kBye,                    // BYE at once
  kCancel,                 // CANCEL at once; a 200 that crosses it: ACK, then BYE (RFC 3261 9.1)
  kCancelWhenProvisional,  // CANCEL as soon as a 1xx is there; a 200 first: ACK, then BYE
  kNothing,                // nothing may leave
};

// The step for a leg. `wanted` is what the treatment gives an unanswered caller (FINAL_RESPONSE, REDIRECT or
// ANSWER_THEN_BYE), for both sides; NONE and UNSPECIFIED end nothing. A phase that the side cannot be in, and
// an action that the phase does not allow (a BYE to a ringing caller), give kNothing.
LegStep StepFor(v1::LegSide side, LegPhase phase, v1::LegAction wanted);

// What LegEnding.action says about a step: the message that the step is for.
v1::LegAction ActionOf(LegStep step, v1::LegAction wanted);

// The first outcome of a step: HELD for what waits for its moment, SENT for what leaves at once,
// UNSPECIFIED for kNothing.
v1::LegOutcome FirstOutcome(LegStep step);

}  // namespace adieu::policy
