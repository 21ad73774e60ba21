#include "server/engine/triggers.h"

#include <algorithm>
#include <utility>

namespace adieu::engine {
namespace {

constexpr char kReason[] = "Reason";

// What the far end said, whatever an earlier target of the call said.
void SetFarEnd(int status_code, const std::string& reason, v1::Leg* callee) {
  callee->set_last_status_code(status_code);
  auto* headers = callee->mutable_headers();
  headers->erase(std::remove_if(headers->begin(), headers->end(),
                                [](const v1::Header& header) { return header.name() == kReason; }),
                 headers->end());
  if (reason.empty()) return;
  v1::Header* header = headers->Add();
  header->set_name(kReason);
  header->set_value(reason);
}

}  // namespace

Triggers::Triggers(const CallRegistry* registry, const Decider* decider, Terminator* terminator)
    : registry_(registry), decider_(decider), terminator_(terminator) {}

Decision Triggers::Ask(const v1::Call& call, v1::Trigger trigger) const {
  // Only a treatment that a request gave can be refused.
  return *decider_->Decide({.call = &call, .trigger = trigger, .now = registry_->Now()});
}

sip::Verdict Triggers::Follow(v1::Call call, Decision decision) {
  if (decision.ending.action == v1::LEG_ACTION_NONE) {
    decider_->Tell(decision);
    return sip::Verdict::kGoOn;
  }
  terminator_->EndHeld(std::move(call), std::move(decision));
  return sip::Verdict::kHold;
}

sip::Verdict Triggers::OnArrival(const std::string& name) {
  if (!decider_->Hears(v1::TRIGGER_ARRIVAL)) return sip::Verdict::kGoOn;
  std::optional<v1::Call> call = registry_->Find(name);
  if (!call) return sip::Verdict::kGoOn;
  Decision decision = Ask(*call, v1::TRIGGER_ARRIVAL);
  return Follow(std::move(*call), std::move(decision));
}

sip::Verdict Triggers::OnFarEndFailure(const std::string& name, int status_code, const std::string& reason) {
  if (!decider_->Hears(v1::TRIGGER_FAR_END_FAILURE)) return sip::Verdict::kGoOn;
  std::optional<v1::Call> call = registry_->Find(name);
  // An order is under way already: it finds what the far end made of the call.
  if (!call || !call->termination().empty()) return sip::Verdict::kGoOn;
  SetFarEnd(status_code, reason, call->mutable_callee());
  // A target that was never called was no leg.
  if (call->callee().state() == v1::CALL_STATE_UNSPECIFIED) {
    call->mutable_callee()->set_state(v1::CALL_STATE_TERMINATED);
  }
  Decision decision = Ask(*call, v1::TRIGGER_FAR_END_FAILURE);
  return Follow(std::move(*call), std::move(decision));
}

std::optional<std::string> Triggers::OnCallerCancel(const std::string& name) {
  if (!decider_->Hears(v1::TRIGGER_CALLER_CANCEL)) return std::nullopt;
  const std::optional<v1::Call> call = registry_->Find(name);
  if (!call) return std::nullopt;
  Decision decision = Ask(*call, v1::TRIGGER_CALLER_CANCEL);
  decider_->Tell(decision);
  if (decision.ending.cancel_reason.empty()) return std::nullopt;
  return std::move(decision.ending.cancel_reason);
}

}  // namespace adieu::engine
