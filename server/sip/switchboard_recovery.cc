#include <memory>
#include <utility>

#include "server/base/address.h"
#include "server/base/id.h"
#include "server/base/log.h"
#include "server/sip/message_text.h"
#include "server/sip/switchboard.h"
#include "server/sip/wire_tap.h"

// How a switchboard serves the journal: what it writes comes back as stored, what it holds becomes calls.
namespace adieu::sip {

std::string Switchboard::Branch(const sip_t& request) const {
  const Replay* replay = ReplayOf(request);
  return replay != nullptr ? replay->BranchOf(request) : "";
}

uint32_t Switchboard::CseqShift(const sip_t& request) const {
  const Leg* leg = LegOf(request, false);
  return leg != nullptr ? leg->CseqShift(request) : 0;
}

const Listener* Switchboard::ListenerOfDialog(const journal::v1::Dialog& dialog) const {
  const Listener* other = nullptr;
  const auto parts = base::ParseHostPort(dialog.peer_address());
  if (!parts) return nullptr;
  for (const auto& listener : listeners_) {
    if (!listener->Reaches(parts->bracketed ? "[" + parts->host + "]" : parts->host, dialog.transport()))
      continue;
    if (listener->address().name == dialog.listener()) return listener.get();
    if (other == nullptr) other = listener.get();
  }
  return other;
}

void Switchboard::Recover(std::vector<JournaledCall> calls) {
  if (!calls.empty()) {
    base::LogInfo("recovering calls", {{"calls", calls.size()}});
    recovery_ = std::make_unique<Recovery>(
        root_, [this](const journal::v1::Dialog& dialog) { return ListenerOfDialog(dialog); },
        [this](const RecoveredCall& recovered) { Resume(recovered); });
    recovery_->Run(std::move(calls));
    recovery_.reset();
  }
  closed_to_peers_ = false;
  DeliverKept();
}

void Switchboard::Resume(const RecoveredCall& recovered) {
  Call& call = calls_.Add(std::make_unique<Call>(context_, recovered));
  if (Leg* callee = call.Other(call.caller())) calls_.AddLeg(*callee);
  const bool lost = recovered.caller == nullptr && recovered.callee == nullptr;
  const bool goes_on = recovered.dialogs.has_answer() && !recovered.dialogs.ending();
  metrics_.CallRecovered(lost      ? metrics::Recovery::kLost
                         : goes_on ? metrics::Recovery::kResumed
                                   : metrics::Recovery::kLetGo);
  call.GoOn(recovered, options_.recovered_calls_max_age);
}

std::string Switchboard::TagFor(const sip_t& invite) {
  if (const Replay* replay = ReplayOf(invite)) return replay->LocalTag();
  EarlyInvites::Invite* early = early_invites_.Find(DialogKey(invite, true) + "\n" + BranchOf(invite));
  if (early == nullptr || !journal_) return "";
  early->local_tag = base::NewId();
  return early->local_tag;
}

void Switchboard::OnStored(const JournalInbox::Answer& answer) {
  if (Call* call = calls_.Find(answer.call)) call->journal().OnStored(answer.serial, answer.stored);
}

}  // namespace adieu::sip
