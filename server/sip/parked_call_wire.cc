#include "server/base/clock.h"
#include "server/sip/clean_text.h"
#include "server/sip/ladder_line.h"
#include "server/sip/message_text.h"
#include "server/sip/parked_call.h"

// What the wire tap tells a parked call: the truth about what left and came, the stack's own responses
// included.
namespace adieu::sip {
namespace {

// 64*T1 (RFC 3261 17.2.1, timer H).
constexpr std::chrono::seconds kNoAck{32};

}  // namespace

bool ParkedCall::IsOfInvite(const sip_t& sip) const {
  return sip.sip_cseq != nullptr && sip.sip_cseq->cs_seq == cseq_ && BranchOf(sip) == branch_;
}

void ParkedCall::OnRequest(v1::Direction direction, const sip_t& sip) {
  const sip_method_t method = sip.sip_request->rq_method;
  // An INVITE of another branch begins another call, or is merged (RFC 3261 8.2.2.2).
  if (method == sip_method_invite && sip.sip_to->a_tag == nullptr && !IsOfInvite(sip)) return;
  context_.events.OnMessage(name_, LadderLine(direction, sip));
  if (direction == v1::DIRECTION_RECEIVED) {
    if (method == sip_method_invite && sip.sip_to->a_tag == nullptr) {
      context_.metrics.SipRetransmission(direction, metrics::SipMethod::kInvite);
    }
    if (method == sip_method_ack && IsOfInvite(sip)) OnAckForRefusal();
    if ((method == sip_method_cancel && IsOfInvite(sip)) || method == sip_method_bye) caller_gave_up_ = true;
  }
  if (method == sip_method_bye && direction == v1::DIRECTION_SENT && order_ && !settled_) {
    if (ending_.action() == v1::LEG_ACTION_BYE && !ending_.has_send_time()) {
      *ending_.mutable_send_time() = base::ToTimestamp(Clock::now());
      Report(v1::LEG_OUTCOME_SENT);
    }
  }
}

void ParkedCall::OnResponse(v1::Direction direction, const sip_t& sip) {
  if (sip.sip_cseq == nullptr) return;
  const bool of_invite = sip.sip_cseq->cs_method == sip_method_invite && sip.sip_cseq->cs_seq == cseq_;
  if (of_invite && !IsOfInvite(sip)) return;
  const int status = sip.sip_status->st_status;
  context_.events.OnMessage(name_, LadderLine(direction, sip));
  if (direction != v1::DIRECTION_SENT) return;
  const sip_method_t method = sip.sip_cseq->cs_method;
  if (method == sip_method_prack && status >= 200 && status < 300) waits_for_prack_ = false;
  if ((method == sip_method_cancel || method == sip_method_bye) && status >= 300) caller_gave_up_ = false;
  if (!of_invite) return;
  if (status < 200) {
    OnProvisionalSent(sip);
  } else {
    OnFinalSent(status, CleanText(sip.sip_status->st_phrase));
  }
}

void ParkedCall::OnProvisionalSent(const sip_t& sip) {
  const bool first = last_provisional_ <= 100;
  last_provisional_ = sip.sip_status->st_status;
  if (sip.sip_rseq != nullptr) waits_for_prack_ = true;
  if (first && last_provisional_ > 100) {
    change_.mutable_caller()->set_last_status_code(last_provisional_);
    Tell();
  }
}

void ParkedCall::OnFinalSent(int status, const std::string& phrase) {
  if (final_status_ != 0) {
    context_.metrics.SipRetransmission(v1::DIRECTION_SENT, metrics::SipMethod::kInvite);
    return;
  }
  final_status_ = status;
  change_.mutable_caller()->set_last_status_code(status);
  StopRinging();
  offer_ = {};
  const bool by_stack = status == 487 && caller_gave_up_;
  if (order_ && !settled_ && !by_stack && status == order_->ending.status_code) {
    ending_.set_status_code(status);
    ending_.set_reason_phrase(phrase);
    ending_.mutable_headers()->Assign(order_->ending.headers.begin(), order_->ending.headers.end());
    *ending_.mutable_send_time() = base::ToTimestamp(Clock::now());
  }
  if (status < 300) {
    OnAnswerSent();
  } else {
    OnRefusalSent(status, phrase);
  }
}

void ParkedCall::OnAnswerSent() {
  *change_.mutable_answer_time() = base::ToTimestamp(Clock::now());
  Tell();
  if (order_) Report(v1::LEG_OUTCOME_SENT);
}

void ParkedCall::OnRefusalSent(int status, const std::string& phrase) {
  const bool ours = order_ && ending_.has_send_time();
  WaitForAckOfRefusal();
  if (ours) {
    // In this order: who is told that it left finds the call ended.
    Finish(v1::ENDED_BY_ADIEU);
    Report(v1::LEG_OUTCOME_SENT);
    return;
  }
  // The stack answered by itself: 487 to a CANCEL or an early BYE (RFC 3261 9.2, 15.1.2), 504 when the PRACK
  // never came (RFC 3262 3), 500 when it could not send ours.
  const bool caller_ended = status == 487;
  const bool no_prack = status == 504;
  if (order_) {
    ending_.set_status_code(status);
    ending_.set_reason_phrase(phrase);
    Settle(caller_ended ? v1::LEG_OUTCOME_PEER_FIRST
           : no_prack   ? v1::LEG_OUTCOME_TIMED_OUT
                        : v1::LEG_OUTCOME_FAILED);
  }
  Finish(caller_ended ? v1::ENDED_BY_CALLER : no_prack ? v1::ENDED_BY_TIMEOUT : v1::ENDED_BY_ADIEU);
}

void ParkedCall::WaitForAckOfRefusal() {
  ack_timer_ = context_.timers.Schedule(kNoAck, [this] {
    ack_seen_or_given_up_ = true;
    if (order_) Settle(v1::LEG_OUTCOME_TIMED_OUT);
    DropWhenDone();
  });
}

void ParkedCall::OnAckForRefusal() {
  if (final_status_ < 300 || ack_seen_or_given_up_) return;
  ack_seen_or_given_up_ = true;
  context_.timers.Cancel(ack_timer_);
  if (order_) Settle(v1::LEG_OUTCOME_ENDED);
  DropWhenDone();
}

}  // namespace adieu::sip
