#include "server/base/clock.h"
#include "server/sip/call.h"
#include "server/sip/caller_leg.h"
#include "server/sip/clean_text.h"
#include "server/sip/message_text.h"
#include "server/sip/pass_on.h"

// What the wire tap tells a caller leg: the truth about what left and came, the stack's own responses
// included.
namespace adieu::sip {
namespace {

// 64*T1 (RFC 3261 17.2.1, timer H).
constexpr std::chrono::seconds kNoAck{32};

}  // namespace

bool CallerLeg::IsOfInvite(const sip_t& sip) const {
  return sip.sip_cseq != nullptr && sip.sip_cseq->cs_seq == cseq_ && BranchOf(sip) == branch_;
}

void CallerLeg::OnRequest(v1::Direction direction, const WireMessage& message) {
  const sip_t& sip = *message.sip;
  const sip_method_t method = sip.sip_request->rq_method;
  // An INVITE of another branch begins another call, or is merged (RFC 3261 8.2.2.2).
  if (method == sip_method_invite && sip.sip_to->a_tag == nullptr && !IsOfInvite(sip)) return;
  ToLadder(direction, sip);
  if (sip.sip_to->a_tag != nullptr) Learn(direction, sip);
  if (direction == v1::DIRECTION_SENT) {
    if (method != sip_method_bye) return;
    // A BYE that nobody asked for stands for an ACK that never came (RFC 3261 13.3.1.4).
    if (bye_sent_ || answered_and_acked_) {
      OnByeSent(sip);
    } else {
      OnAckTimeout();
    }
    return;
  }
  LearnPeer(message);
  if (method == sip_method_invite && sip.sip_to->a_tag == nullptr) {
    context_.metrics.SipRetransmission(side(), direction, metrics::SipMethod::kInvite);
  }
  if (method == sip_method_ack && IsOfInvite(sip)) OnAckForRefusal();
  if ((method == sip_method_cancel && IsOfInvite(sip)) || method == sip_method_bye) {
    caller_gave_up_ = true;
    if (peer_reason_.empty()) peer_reason_ = PassedReason(sip);
  }
}

void CallerLeg::OnResponse(v1::Direction direction, const WireMessage& message) {
  const sip_t& sip = *message.sip;
  if (sip.sip_cseq == nullptr) return;
  const bool of_invite = sip.sip_cseq->cs_method == sip_method_invite && sip.sip_cseq->cs_seq == cseq_;
  const int status = sip.sip_status->st_status;
  // A merged INVITE is answered with 482 under its own branch.
  if (of_invite && BranchOf(sip) != branch_) return;
  ToLadder(direction, sip);
  if (direction != v1::DIRECTION_SENT) {
    Learn(direction, sip);
    return OnByeResponse(sip);
  }
  const sip_method_t method = sip.sip_cseq->cs_method;
  if (method == sip_method_prack && status >= 200 && status < 300 && !unpracked_.empty()) {
    last_pracked_ = *unpracked_.begin();
    unpracked_.erase(unpracked_.begin());
  }
  if ((method == sip_method_cancel || method == sip_method_bye) && status >= 300) caller_gave_up_ = false;
  if (!of_invite) return;
  if (status < 200) {
    OnProvisionalSent(sip);
  } else {
    OnFinalSent(status, CleanText(sip.sip_status->st_phrase));
  }
}

void CallerLeg::OnProvisionalSent(const sip_t& sip) {
  const int status = sip.sip_status->st_status;
  if (context_.journal) record_.LearnLocalTag(sip);
  if (sip.sip_rseq != nullptr && sip.sip_rseq->rs_response > last_pracked_) {
    unpracked_.insert(sip.sip_rseq->rs_response);
  }
  if (status > 100 && status != last_provisional_) call_.OnCallerStatus(status);
  last_provisional_ = status;
}

void CallerLeg::OnFinalSent(int status, const std::string& phrase) {
  if (final_status_ != 0) {
    context_.metrics.SipRetransmission(side(), v1::DIRECTION_SENT, metrics::SipMethod::kInvite);
    return;
  }
  final_status_ = status;
  context_.timers.Cancel(refresh_timer_);
  unpracked_.clear();
  offer_ = {};
  const bool by_stack = status == 487 && caller_gave_up_;
  const bool ordered = ending_ && !answer_asked_ && status == ending_->status_code;
  if (report_ && !report_->settled() && ordered && !by_stack) {
    v1::LegEnding& ending = report_->ending();
    ending.set_status_code(status);
    ending.set_reason_phrase(phrase);
    ending.mutable_headers()->Assign(ending_->headers.begin(), ending_->headers.end());
    *ending.mutable_send_time() = base::ToTimestamp(std::chrono::system_clock::now());
  }
  call_.OnCallerFinal(status);
  if (status >= 300) {
    OnRefusalSent(status, phrase, !by_stack && (ordered || refusal_asked_));
  } else if (report_ && ordered) {
    report_->Sent();
  }
}

void CallerLeg::OnRefusalSent(int status, const std::string& phrase, bool ours) {
  WaitForAckOfRefusal();
  if (ours) {
    // In this order: who is told that it left finds the leg ended.
    Over(ending_ ? v1::ENDED_BY_ADIEU : refused_by_);
    if (report_) report_->Sent();
    return;
  }
  // The stack answered by itself: 487 to a CANCEL or an early BYE (RFC 3261 9.2, 15.1.2), 504 when the PRACK
  // never came (RFC 3262 3), 500 when it could not send ours.
  const bool caller_ended = status == 487;
  const bool no_prack = status == 504;
  if (report_ && !report_->settled()) {
    if (caller_ended) context_.metrics.Glare(metrics::GlareKind::kPeerFirst);
    report_->ending().set_status_code(status);
    report_->ending().set_reason_phrase(phrase);
    Settle(caller_ended ? v1::LEG_OUTCOME_PEER_FIRST
           : no_prack   ? v1::LEG_OUTCOME_TIMED_OUT
                        : v1::LEG_OUTCOME_FAILED);
  }
  Over(caller_ended ? v1::ENDED_BY_CALLER : no_prack ? v1::ENDED_BY_TIMEOUT : v1::ENDED_BY_ADIEU);
}

void CallerLeg::WaitForAckOfRefusal() {
  ack_timer_ = context_.timers.Schedule(kNoAck, [this] {
    ack_seen_or_given_up_ = true;
    Settle(v1::LEG_OUTCOME_TIMED_OUT);
    call_.OnLegGone();
  });
}

void CallerLeg::OnAckForRefusal() {
  if (final_status_ < 300 || ack_seen_or_given_up_) return;
  ack_seen_or_given_up_ = true;
  context_.timers.Cancel(ack_timer_);
  Settle(v1::LEG_OUTCOME_ENDED);
  call_.OnLegGone();
}

}  // namespace adieu::sip
