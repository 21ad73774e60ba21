#include <utility>

#include "server/sip/call.h"
#include "server/sip/callee_leg.h"
#include "server/sip/message_text.h"
#include "server/sip/pass_on.h"

// What the wire tap tells a callee leg.
namespace adieu::sip {
namespace {

// Further To tags of one INVITE are not told apart.
constexpr size_t kMaxForks = 32;

}  // namespace

std::string CalleeLeg::NextHop(const sip_t& request) const {
  const bool first = request.sip_request->rq_method == sip_method_invite && request.sip_to->a_tag == nullptr;
  return first ? seed_.next_hop : Leg::NextHop(request);
}

// The INVITE itself, and its ACK, are those of the process before.
uint32_t CalleeLeg::CseqShift(const sip_t& request) const {
  return request.sip_cseq->cs_seq > invite_cseq_ ? cseq_shift_ : 0;
}

void CalleeLeg::OnRequest(v1::Direction direction, const WireMessage& message) {
  const sip_t& sip = *message.sip;
  const sip_method_t method = sip.sip_request->rq_method;
  ToLadder(direction, sip);
  Learn(direction, sip);
  if (direction == v1::DIRECTION_RECEIVED) {
    LearnPeer(message);
    if (method == sip_method_bye && peer_reason_.empty()) peer_reason_ = PassedReason(sip);
    return;
  }
  if (method == sip_method_invite && sip.sip_to->a_tag == nullptr) {
    if (sip.sip_cseq->cs_seq == invite_cseq_) {
      context_.metrics.SipRetransmission(side(), direction, metrics::SipMethod::kInvite);
      return;
    }
    // The first one, or the one with credentials.
    const bool first = std::exchange(invite_cseq_, sip.sip_cseq->cs_seq) == 0;
    last_status_ = 0;
    LearnPeer(message);
    if (context_.journal) record_.BeginAsCallee(sip);
    if (first) call_.OnCalleeInvited(*this, message);
  } else if (method == sip_method_cancel) {
    if (report_ && !report_->ending().has_send_time()) report_->Sent();
  } else if (method == sip_method_bye) {
    OnByeSent(sip);
  } else if (method == sip_method_ack && sip.sip_cseq->cs_seq == invite_cseq_) {
    record_.Acknowledge();
  }
}

void CalleeLeg::OnResponse(v1::Direction direction, const WireMessage& message) {
  const sip_t& sip = *message.sip;
  ToLadder(direction, sip);
  if (direction == v1::DIRECTION_SENT || sip.sip_cseq == nullptr) return;
  LearnPeer(message);
  if (answered_) Learn(direction, sip);
  OnByeResponse(sip);
  // What could not be read the stack does not see.
  if (sip.sip_cseq->cs_method == sip_method_invite && sip.sip_error == nullptr) OnInviteResponse(sip);
}

bool CalleeLeg::IsTooLate(const sip_t& sip) const {
  return sip.sip_status != nullptr && sip.sip_status->st_status < 200 && last_status_ >= 200 &&
         sip.sip_cseq->cs_method == sip_method_invite && sip.sip_cseq->cs_seq == invite_cseq_;
}

void CalleeLeg::OnInviteResponse(const sip_t& sip) {
  const int status = sip.sip_status->st_status;
  if (sip.sip_cseq->cs_seq != invite_cseq_) return;
  if (last_status_ >= 200 && status >= 200) {
    context_.metrics.SipRetransmission(side(), v1::DIRECTION_RECEIVED, metrics::SipMethod::kInvite);
  }
  const bool first = last_status_ == 0;
  if (last_status_ < 200) last_status_ = status;
  if (first) call_.OnCalleeHeard(*this);
  const char* tag = sip.sip_to != nullptr ? sip.sip_to->a_tag : nullptr;
  if (tag == nullptr || status < 101 || status >= 300) return;
  if (to_tags_.size() >= kMaxForks || !to_tags_.insert(tag).second) return;
  if (to_tags_.size() > 1) context_.metrics.Forked();
}

}  // namespace adieu::sip
