#include "server/sip/callee_leg.h"

#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_tag.h>

#include <utility>

#include "server/sip/call.h"
#include "server/sip/payload.h"
#include "server/sip/replay_message.h"

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_header.h>

namespace adieu::sip {
namespace {

using policy::LegPhase;
using policy::LegStep;

// The INVITE as the journal has it.
CalleeSeed SeedOf(nua_t* nua, const journal::v1::Dialog& dialog) {
  return {.nua = nua,
          .call_id = dialog.call_id(),
          .tag = TagIn(dialog.local()),
          .request_uri = dialog.request_uri(),
          .next_hop = dialog.next_hop(),
          .listener = dialog.listener()};
}

}  // namespace

CalleeLeg::CalleeLeg(CallContext& context, Call& call, CalleeSeed seed)
    : Leg(context, call, v1::LEG_SIDE_CALLEE, nullptr, seed.call_id + '\n' + seed.tag),
      seed_(std::move(seed)) {
  const std::string from = seed_.from + ";tag=" + seed_.tag;
  handle_ = nua_handle(seed_.nua, reinterpret_cast<nua_hmagic_t*>(static_cast<HandleOwner*>(this)),
                       SIPTAG_FROM_STR(from.c_str()), SIPTAG_TO_STR(seed_.to.c_str()),
                       SIPTAG_CALL_ID_STR(seed_.call_id.c_str()),
                       TAG_IF(!seed_.contact.empty(), SIPTAG_CONTACT_STR(seed_.contact.c_str())), TAG_END());
}

CalleeLeg::CalleeLeg(CallContext& context, Call& call, nua_t* nua, nua_handle_t* handle,
                     const journal::v1::Dialog& dialog, bool answered)
    : Leg(context, call, v1::LEG_SIDE_CALLEE, handle, dialog.call_id() + '\n' + TagIn(dialog.local())),
      seed_(SeedOf(nua, dialog)),
      invite_cseq_(dialog.invite_cseq()),
      last_status_(answered ? 200 : 180),
      has_dialog_(answered),
      answered_(answered),
      answer_passed_(answered) {
  Resume(dialog);
  if (!answered) return;
  record_.dialog().set_local_cseq(dialog.local_cseq() + DialogRecord::kCseqMargin);
  cseq_shift_ = record_.dialog().local_cseq() - invite_cseq_;
}

void CalleeLeg::Invite() {
  record_.dialog().set_listener(seed_.listener);
  record_.dialog().set_next_hop(seed_.next_hop);
  const std::string max_forwards = std::to_string(seed_.max_forwards);
  const Payload payload(seed_.content.body);
  const bool authenticates = seed_.credentials != nullptr;
  nua_invite(handle_, NUTAG_URL(seed_.request_uri.c_str()), SIPTAG_MAX_FORWARDS_STR(max_forwards.c_str()),
             SIPTAG_ALLOW_STR(kAllow),
             // The caller's PRACK is awaited.
             NUTAG_APPL_METHOD("PRACK"),
             // One repetition with credentials, none for any other reason.
             TAG_IF(authenticates, NUTAG_RETRY_COUNT(1)), TAG_IF(authenticates, NUTAG_MAX_RETRY_AFTER(0)),
             TAG_IF(!seed_.content.headers.empty(), SIPTAG_HEADER_STR(seed_.content.headers.c_str())),
             TAG_IF(!seed_.content.body.empty(), SIPTAG_PAYLOAD(payload.get())), TAG_END());
  seed_.content = {};
}

void CalleeLeg::Prack(const std::string& rack, const PassedMessage& content) {
  // Behind the 2xx it would only keep other requests waiting.
  if (handle_ == nullptr || over() || ending_ || answered_) return;
  const Payload payload(content.body);
  nua_prack(handle_, SIPTAG_RACK_STR(rack.c_str()),
            TAG_IF(!content.headers.empty(), SIPTAG_HEADER_STR(content.headers.c_str())),
            TAG_IF(!content.body.empty(), SIPTAG_PAYLOAD(payload.get())), TAG_END());
}

LegPhase CalleeLeg::Phase() const {
  if (over() || failed_ || handle_ == nullptr) return LegPhase::kTerminated;
  if (ending_ || bye_sent_) return LegPhase::kTerminating;
  if (answered_) return holds_ack() ? LegPhase::kAnsweredNoAck : LegPhase::kAnswered;
  return last_status_ >= 100 ? LegPhase::kRinging : LegPhase::kCalling;
}

void CalleeLeg::Take(LegStep step) {
  switch (step) {
    case LegStep::kCancel:
    case LegStep::kCancelWhenProvisional:
      if (report_ && !ending_->cancel_reason.empty()) AddReason(ending_->cancel_reason);
      nua_cancel(handle_,
                 TAG_IF(!ending_->cancel_reason.empty(), SIPTAG_REASON_STR(ending_->cancel_reason.c_str())),
                 TAG_END());
      break;
    case LegStep::kByeAfterAck:
    case LegStep::kBye:
      if (answer_passed_) {
        SendBye(ending_->bye_reason);
      } else {
        SendByeAcross();
      }
      break;
    default:
      break;
  }
}

v1::LegOutcome CalleeLeg::ByeOutcome() const {
  return answered_first_ ? v1::LEG_OUTCOME_ANSWERED_FIRST : v1::LEG_OUTCOME_ENDED;
}

void CalleeLeg::OnNua(const NuaEvent& event) {
  switch (event.event) {
    case nua_r_invite:
      if (!answered_) return OnInviteAnswered(event);
      return call_.OnInDialog(*this, event);
    case nua_i_bye:
      return OnBye();
    case nua_r_bye:
      return OnByeAnswered(event);
    case nua_i_ack:
      if (event.sip != nullptr) call_.OnAck(*this, *event.sip);
      return;
    case nua_i_terminated:
      return OnHandleOver(v1::ENDED_BY_CALLEE);
    case nua_r_cancel:
    case nua_r_prack:
      return;
    default:
      call_.OnInDialog(*this, event);
  }
}

void CalleeLeg::OnInviteAnswered(const NuaEvent& event) {
  if (event.status < 200) {
    if (event.status > 100 && event.sip != nullptr) {
      has_dialog_ = has_dialog_ || event.sip->sip_rseq != nullptr;
      if (!ending_) call_.OnCalleeProvisional(*this, *event.sip);
    }
  } else if (event.status < 300) {
    OnAnswer(event);
  } else {
    OnFailure(event);
  }
}

void CalleeLeg::OnAnswer(const NuaEvent& event) {
  answered_ = true;
  has_dialog_ = true;
  if (context_.journal) record_.Establish(*event.sip);
  call_.OnCalleeStatus(*this, *event.sip);
  if (!ending_) {
    call_.OnCalleeAnswered(*this, *event.sip);
    return;
  }
  HoldAck();
  SendByeAcross();
}

void CalleeLeg::SendByeAcross() {
  answered_first_ = true;
  context_.metrics.Glare(metrics::GlareKind::kAnsweredFirst);
  SendBye(ending_->cancel_reason.empty() ? ending_->bye_reason : ending_->cancel_reason);
}

void CalleeLeg::OnFailure(const NuaEvent& event) {
  const bool by_stack = event.MadeByStack();
  if (!by_stack) call_.OnCalleeStatus(*this, *event.sip);
  if (ending_) {
    const bool cancelled = event.status == 487 && !by_stack;
    if (report_ && !cancelled && !by_stack) context_.metrics.Glare(metrics::GlareKind::kPeerFirst);
    Settle(cancelled  ? v1::LEG_OUTCOME_ENDED
           : by_stack ? v1::LEG_OUTCOME_TIMED_OUT
                      : v1::LEG_OUTCOME_PEER_FIRST);
    Over(v1::ENDED_BY_ADIEU);
    return;
  }
  if (Authenticate(event)) return;
  failed_ = true;
  call_.OnCalleeFailed(*this, event);
  Over(by_stack && event.status == 408 ? v1::ENDED_BY_TIMEOUT : v1::ENDED_BY_CALLEE);
}

bool CalleeLeg::Authenticate(const NuaEvent& event) {
  if (seed_.credentials == nullptr || event.sip == nullptr || authenticated_) return false;
  if (event.status != 401 && event.status != 407) return false;
  authenticated_ = true;
  const std::string auth = seed_.credentials->AnswerTo(*event.sip);
  if (auth.empty()) {
    // The stack waits for credentials, and would for ever.
    Release();
    return false;
  }
  nua_authenticate(handle_, NUTAG_AUTH(auth.c_str()), TAG_END());
  return true;
}

void CalleeLeg::OnBye() {
  if (report_ && !report_->settled() && bye_sent_ && !answered_first_) {
    context_.metrics.Glare(metrics::GlareKind::kByeCrossed);
  }
  Settle(answered_first_ ? v1::LEG_OUTCOME_ANSWERED_FIRST : v1::LEG_OUTCOME_PEER_FIRST);
  Over(v1::ENDED_BY_CALLEE);
}

}  // namespace adieu::sip
