#include "server/sip/parked_call.h"

#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_alloc.h>

#include <utility>

#include "server/base/clock.h"
#include "server/sip/parser_guards.h"
#include "server/sip/sdp.h"

namespace adieu::sip {
namespace {

using policy::LegPhase;
using policy::LegStep;

// RFC 3261 13.3.1.1 asks for one within each minute.
constexpr std::chrono::seconds kRefresh{50};
constexpr char kLetGoReason[] = "Q.850;cause=16;text=\"Normal call clearing\"";

std::string JoinHeaders(const std::vector<v1::Header>& headers) {
  std::string text;
  for (const v1::Header& header : headers) {
    if (header.name() == "Contact") continue;
    text.append(header.name()).append(": ").append(header.value()).append("\r\n");
  }
  return text;
}

const std::string* ContactOf(const std::vector<v1::Header>& headers) {
  for (const v1::Header& header : headers) {
    if (header.name() == "Contact") return &header.value();
  }
  return nullptr;
}

}  // namespace

ParkedCall::ParkedCall(CallContext& context, nua_handle_t* handle, CallSeed seed)
    : context_(context),
      handle_(handle),
      name_(seed.call.name()),
      dialog_key_(std::move(seed.dialog_key)),
      branch_(std::move(seed.branch)),
      cseq_(seed.cseq),
      offer_(std::move(seed.offer)),
      media_host_(std::move(seed.media_host)),
      ring_timeout_(seed.ring_timeout),
      change_(std::move(seed.call)) {
  MoveTo(v1::CALL_STATE_RINGING);
  ++context_.ringing;
}

ParkedCall::~ParkedCall() {
  StopRinging();
  for (TimerQueue::Id* timer : {&bye_timer_, &ack_timer_}) {
    context_.timers.Cancel(*timer);
  }
}

void ParkedCall::Begin(const std::vector<v1::SipMessage>& seen) {
  Tell();
  for (const v1::SipMessage& message : seen) context_.events.OnMessage(name_, message);
  nua_respond(handle_, SIP_180_RINGING, TAG_END());
  ScheduleRefresh();
  ring_timer_ = context_.timers.Schedule(ring_timeout_, [this] { context_.events.OnRingTimeout(name_); });
}

void ParkedCall::ScheduleRefresh() {
  refresh_timer_ = context_.timers.Schedule(kRefresh, [this] {
    if (handle_ == nullptr || !ringing() || order_) return;
    if (!waits_for_prack_) nua_respond(handle_, SIP_180_RINGING, TAG_END());
    ScheduleRefresh();
  });
}

LegPhase ParkedCall::Phase() const {
  if (order_ || state_ == v1::CALL_STATE_TERMINATING) return LegPhase::kTerminating;
  if (state_ == v1::CALL_STATE_TERMINATED || handle_ == nullptr) return LegPhase::kTerminated;
  if (final_status_ != 0) return answered_and_acked_ ? LegPhase::kAnswered : LegPhase::kAnsweredNoAck;
  if (waits_for_prack_) return LegPhase::kUnprackedProvisional;
  return last_provisional_ > 100 ? LegPhase::kRinging : LegPhase::kReceived;
}

void ParkedCall::End(EndOrder order) {
  const LegPhase phase = Phase();
  const LegStep step = policy::StepFor(v1::LEG_SIDE_CALLER, phase, order.ending.action);
  if (step == LegStep::kNothing) {
    v1::LegEnding nothing;
    nothing.set_side(v1::LEG_SIDE_CALLER);
    nothing.set_action(v1::LEG_ACTION_NONE);
    nothing.set_outcome(ended_by_ == v1::ENDED_BY_CALLER ? v1::LEG_OUTCOME_PEER_FIRST
                                                         : v1::LEG_OUTCOME_FAILED);
    *nothing.mutable_end_time() = base::ToTimestamp(Clock::now());
    context_.events.OnLegEnding(order.termination, name_, nothing);
    return;
  }
  order_ = std::move(order);
  ending_.set_side(v1::LEG_SIDE_CALLER);
  ending_.set_action(policy::ActionOf(step, order_->ending.action));
  if (policy::FirstOutcome(step) == v1::LEG_OUTCOME_HELD) Report(v1::LEG_OUTCOME_HELD);
  switch (step) {
    case LegStep::kSendFinal:
      SendFinal();
      break;
    case LegStep::kAnswerNow:
    case LegStep::kHoldAnswerForPrack:
      SendAnswer();
      break;
    case LegStep::kBye:
      SendBye();
      break;
    default:
      break;
  }
  if (ending_.action() != v1::LEG_ACTION_FINAL_RESPONSE && ending_.action() != v1::LEG_ACTION_REDIRECT) {
    MoveTo(v1::CALL_STATE_TERMINATING);
    Tell();
  }
}

void ParkedCall::SendFinal() {
  const policy::Rendered& ending = order_->ending;
  su_home_t home[1] = {SU_HOME_INIT(home)};
  su_home_init(home);
  const std::string* contact = ContactOf(ending.headers);
  const sip_contact_t* contacts = contact != nullptr ? MakeOwnContact(home, contact->c_str()) : nullptr;
  const std::string headers = JoinHeaders(ending.headers);
  nua_respond(handle_, ending.status_code, ending.reason_phrase.c_str(),
              TAG_IF(contacts != nullptr, SIPTAG_CONTACT(contacts)),
              TAG_IF(!headers.empty(), SIPTAG_HEADER_STR(headers.c_str())), TAG_END());
  su_home_deinit(home);
}

void ParkedCall::SendAnswer() {
  const policy::Rendered& ending = order_->ending;
  const std::string description = offer_.empty() ? InactiveOffer(media_host_) : AnswerTo(offer_, media_host_);
  const std::string headers = JoinHeaders(ending.headers);
  nua_respond(handle_, ending.status_code, ending.reason_phrase.c_str(),
              SIPTAG_CONTENT_TYPE_STR("application/sdp"), SIPTAG_PAYLOAD_STR(description.c_str()),
              TAG_IF(!headers.empty(), SIPTAG_HEADER_STR(headers.c_str())), TAG_END());
}

void ParkedCall::SendBye() {
  if (handle_ == nullptr || bye_sent_) return;
  bye_sent_ = true;
  const std::string& reason = order_ ? order_->ending.bye_reason : kLetGoReason;
  nua_bye(handle_, SIPTAG_REASON_STR(reason.c_str()), TAG_END());
}

void ParkedCall::HastenBye() {
  if (order_ && answered_and_acked_) SendBye();
}

void ParkedCall::LetGo() {
  if (handle_ == nullptr) return;
  // What was ordered and already left for the stack goes first; this one is then too late and harmless.
  if (ringing()) {
    nua_respond(handle_, SIP_480_TEMPORARILY_UNAVAILABLE, TAG_END());
  } else if (answered_and_acked_ && !bye_sent_) {
    SendBye();
  }
}

void ParkedCall::OnAck() {
  answered_and_acked_ = true;
  ack_seen_or_given_up_ = true;
  if (!order_) return;
  if (ending_.action() == v1::LEG_ACTION_BYE || order_->ending.bye_after.count() == 0 ||
      context_.hasten_byes) {
    SendBye();
  } else {
    context_.timers.Cancel(bye_timer_);
    bye_timer_ = context_.timers.Schedule(order_->ending.bye_after, [this] { SendBye(); });
  }
}

void ParkedCall::OnByeFromCaller() {
  // Before the final response the stack answers the INVITE with 487, and the tap sees that.
  if (ringing()) return;
  if (order_) Settle(v1::LEG_OUTCOME_PEER_FIRST);
  Finish(v1::ENDED_BY_CALLER);
}

void ParkedCall::OnByeAnswered(int status, bool made_by_stack) {
  if (status < 200) return;
  if (order_) Settle(made_by_stack ? v1::LEG_OUTCOME_TIMED_OUT : v1::LEG_OUTCOME_ENDED);
  Finish(v1::ENDED_BY_ADIEU);
}

void ParkedCall::OnAckTimeout() {
  ack_seen_or_given_up_ = true;
  if (order_) Settle(v1::LEG_OUTCOME_TIMED_OUT);
  Finish(v1::ENDED_BY_TIMEOUT);
}

void ParkedCall::OnHandleOver() {
  if (handle_ == nullptr) return;
  nua_handle_bind(handle_, nullptr);
  nua_handle_destroy(handle_);
  handle_ = nullptr;
  if (final_status_ < 300) ack_seen_or_given_up_ = true;
  if (state_ != v1::CALL_STATE_TERMINATED) {
    if (order_) Settle(v1::LEG_OUTCOME_FAILED);
    Finish(v1::ENDED_BY_ADIEU);
  }
  DropWhenDone();
}

void ParkedCall::DropWhenDone() {
  if (handle_ != nullptr || !ack_seen_or_given_up_ || drop_asked_) return;
  drop_asked_ = true;
  context_.drop(name_);
}

void ParkedCall::Report(v1::LegOutcome outcome) {
  ending_.set_outcome(outcome);
  context_.events.OnLegEnding(order_->termination, name_, ending_);
}

void ParkedCall::Settle(v1::LegOutcome outcome) {
  if (settled_) return;
  settled_ = true;
  *ending_.mutable_end_time() = base::ToTimestamp(Clock::now());
  Report(outcome);
}

void ParkedCall::MoveTo(v1::CallState state) {
  state_ = state;
  change_.set_state(state);
  change_.mutable_caller()->set_state(state);
}

void ParkedCall::StopRinging() {
  context_.timers.Cancel(ring_timer_);
  context_.timers.Cancel(refresh_timer_);
  if (counted_as_ringing_) --context_.ringing;
  counted_as_ringing_ = false;
}

void ParkedCall::Finish(v1::EndedBy ended_by) {
  if (state_ == v1::CALL_STATE_TERMINATED) return;
  StopRinging();
  MoveTo(v1::CALL_STATE_TERMINATED);
  ended_by_ = ended_by;
  change_.set_ended_by(ended_by);
  *change_.mutable_end_time() = base::ToTimestamp(Clock::now());
  Tell();
}

void ParkedCall::Tell() {
  change_.set_name(name_);
  context_.events.OnCall(change_);
  change_.Clear();
}

}  // namespace adieu::sip
