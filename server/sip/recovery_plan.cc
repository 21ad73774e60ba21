#include "server/sip/recovery_plan.h"

#include "server/base/clock.h"

namespace adieu::sip {
namespace {

// 64*T1 (RFC 3261 13.3.1.4).
constexpr std::chrono::seconds kRepeated{32};

bool AnswersAgain(const journal::v1::Dialogs& dialogs, std::chrono::system_clock::time_point now) {
  const auto age = now - base::FromTimestamp(dialogs.answer().time());
  return !dialogs.caller().acknowledged() && dialogs.caller().transport() == "udp" && age < kRepeated;
}

Replay::Kind KindOfAnsweredCallee(const journal::v1::Dialog& callee, bool ack_follows) {
  if (callee.acknowledged()) return Replay::Kind::kAnswered;
  return ack_follows && !callee.offered() ? Replay::Kind::kAnsweredAckHeld : Replay::Kind::kAnsweredNoAck;
}

}  // namespace

RecoveryPlan PlanRecovery(const journal::v1::Dialogs& dialogs, std::chrono::system_clock::time_point now) {
  RecoveryPlan plan;
  const bool has_callee = !dialogs.callee().via().empty();
  if (!dialogs.has_answer()) {
    if (dialogs.caller().transport() == "udp") plan.caller = Replay::Kind::kUnansweredCaller;
    if (has_callee) plan.callee = Replay::Kind::kRingingCallee;
    return plan;
  }
  plan.answer_again = AnswersAgain(dialogs, now);
  plan.caller = plan.answer_again ? Replay::Kind::kUnansweredCaller : Replay::Kind::kAnswered;
  if (has_callee) plan.callee = KindOfAnsweredCallee(dialogs.callee(), plan.answer_again);
  return plan;
}

}  // namespace adieu::sip
