#include "server/sip/call.h"

#include <sofia-sip/sip_status.h>

#include <algorithm>
#include <utility>

#include "server/base/clock.h"
#include "server/policy/standard_phrase.h"
#include "server/sip/answer_here.h"
#include "server/sip/ending_report.h"
#include "server/sip/in_dialog_status.h"
#include "server/sip/pass_on.h"

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_header.h>

namespace adieu::sip {
namespace {

using Clock = std::chrono::system_clock;

constexpr char kClearing[] = "Q.850;cause=16;text=\"Normal call clearing\"";

// What a leg gets that nobody ordered anything for.
policy::Rendered Plainly(const std::string& reason) {
  policy::Rendered ending;
  ending.action = v1::LEG_ACTION_FINAL_RESPONSE;
  ending.status_code = 480;
  ending.reason_phrase = policy::StandardPhrase(480);
  ending.bye_reason = reason.empty() ? kClearing : reason;
  ending.cancel_reason = reason;
  return ending;
}

}  // namespace

Call::Call(CallContext& context, nua_handle_t* handle, CallSeed seed)
    : context_(context),
      name_(seed.call.name()),
      ring_timeout_(seed.ring_timeout),
      change_(std::move(seed.call)),
      caller_(context, *this, handle, std::move(seed.caller)),
      journal_(context, name_) {
  if (seed.forward) hunt_.emplace(context, *this, std::move(*seed.forward));
  MoveTo(v1::CALL_STATE_RINGING);
  MoveLegTo(caller_, v1::CALL_STATE_RINGING);
  ++context_.ringing;
}

Call::~Call() {
  StopRinging();
  context_.timers.Cancel(claim_timer_);
  context_.remove_leg(caller_);
  if (callee_) context_.remove_leg(*callee_);
  for (const auto& leg : set_aside_) context_.remove_leg(*leg);
}

bool Call::has_handles() const {
  return caller_.handle() != nullptr || (callee_ && callee_->handle() != nullptr) ||
         std::any_of(set_aside_.begin(), set_aside_.end(),
                     [](const auto& leg) { return leg->handle() != nullptr; });
}

void Call::Begin(const std::vector<v1::SipMessage>& seen) {
  Tell();
  for (const v1::SipMessage& message : seen) context_.events.OnMessage(name_, message);
  Journal();
  if (context_.events.OnArrival(name_) == Verdict::kHold) {
    Hold([this] { Start(); });
  } else {
    Start();
  }
}

void Call::Start() {
  ring_timer_ = context_.timers.Schedule(ring_timeout_, [this] { context_.events.OnRingTimeout(name_); });
  if (hunt_) {
    caller_.Bridge();
    hunt_->Begin();
  } else {
    caller_.Ring({});
  }
}

void Call::Hold(std::function<void()> go_on) {
  go_on_ = std::move(go_on);
  hold_timer_ = context_.timers.Schedule(kHoldPatience, [this] { Release(); });
}

void Call::StopHolding() {
  context_.timers.Cancel(hold_timer_);
  go_on_ = nullptr;
}

void Call::Release() {
  if (!go_on_) return;
  const std::function<void()> go_on = std::move(go_on_);
  StopHolding();
  go_on();
}

void Call::End(const EndOrder& order) {
  if (hunt_) hunt_->Stop();
  const bool caller = caller_.End(order.ending, order.termination);
  if (caller && go_on_) {
    StopHolding();
    if (ended_by_ == v1::ENDED_BY_UNSPECIFIED) ended_by_ = far_end_ended_by_;
  }
  const bool concerned = callee_ && (order.has_callee || !callee_->over());
  const bool callee = concerned && callee_->End(order.ending, order.termination);
  if (!callee_ && order.has_callee) {
    // Its target was given up for the next one in the meantime.
    EndingReport(context_.events, order.termination, name_, v1::LEG_SIDE_CALLEE, v1::LEG_ACTION_NONE)
        .Settle(v1::LEG_OUTCOME_PEER_FIRST);
  }
  if (!caller && !callee) return;
  const v1::LegAction action = order.ending.action;
  const bool refused = action == v1::LEG_ACTION_FINAL_RESPONSE || action == v1::LEG_ACTION_REDIRECT;
  // A refusal ends a single leg at once: there is no state between.
  if (!callee && refused && state_ == v1::CALL_STATE_RINGING) return;
  if (caller) MoveLegTo(caller_, v1::CALL_STATE_TERMINATING);
  if (callee) MoveLegTo(*callee_, v1::CALL_STATE_TERMINATING);
  MoveTo(v1::CALL_STATE_TERMINATING);
  Tell();
}

void Call::HastenBye() { caller_.HastenBye(); }

void Call::LetGo() {
  if (hunt_) hunt_->Stop();
  StopHolding();
  EndBecauseOf(caller_, "");
  if (callee_) EndBecauseOf(*callee_, "");
  for (const auto& leg : set_aside_) EndBecauseOf(*leg, "");
  HastenBye();
}

void Call::EndBecauseOf(Leg& leg, const std::string& reason) { leg.End(Plainly(reason), ""); }

void Call::Invite(CalleeSeed seed) {
  callee_ = std::make_unique<CalleeLeg>(context_, *this, std::move(seed));
  context_.add_leg(*callee_);
  callee_->Invite();
}

void Call::SetAside() {
  if (!callee_) return;
  EndBecauseOf(*callee_, "");
  MoveLegTo(*callee_, v1::CALL_STATE_TERMINATED);
  set_aside_.push_back(std::move(callee_));
}

void Call::OnNoAnswer() {
  if (callee_ == nullptr || state_ != v1::CALL_STATE_RINGING) return;
  SetAside();
  if (hunt_->has_more()) {
    hunt_->Next(metrics::FailoverReason::kNoAnswer);
  } else {
    OnNoTarget(metrics::FailoverReason::kNoAnswer);
  }
}

void Call::OnNoTarget(metrics::FailoverReason why) {
  const bool silent = why == metrics::FailoverReason::kNoAnswer;
  const int status = silent ? 480 : 500;
  // The engine hears what became of the last target before it is asked.
  Tell();
  Fail(status, "",
       {.status = status,
        .phrase = std::string(policy::StandardPhrase(status)),
        .by = silent ? v1::ENDED_BY_TIMEOUT : v1::ENDED_BY_CALLEE});
}

Leg* Call::Other(const Leg& leg) {
  if (&leg == &caller_) return callee_.get();
  return &leg == callee_.get() ? &caller_ : nullptr;
}

void Call::OnInDialog(Leg& leg, const NuaEvent& event) {
  Leg* const other = Other(leg);
  switch (event.event) {
    case nua_i_invite:
    case nua_i_update:
    case nua_i_info:
    case nua_i_options:
    case nua_i_message:
    case nua_i_refer:
    case nua_i_notify: {
      if (event.sip == nullptr) return;
      const bool passes = other != nullptr && other->has_dialog() && !other->over() && !other->ending();
      if (event.status >= 200) {
        // What belongs to a transfer the stack answers by itself.
        if (passes && event.event == nua_i_notify && event.status < 300) relay_.PassAnswered(*other, event);
        return;
      }
      if (passes && relay_.Pass(leg, *other, event)) return;
      // Of two legs one is not there yet, or no more: to be asked again, not taken.
      AnswerHere(event, leg.handle(), passes || hunt_.has_value() || callee_ != nullptr);
      return;
    }
    case nua_r_invite:
    case nua_r_update:
    case nua_r_info:
    case nua_r_method: {
      if (other == nullptr) return;
      const sip_method_t method = relay_.PassBack(leg, *other, event);
      // Both sides are there.
      if (method != sip_method_unknown && event.status < 300) context_.timers.Cancel(claim_timer_);
      if (method == sip_method_unknown || !EndsDialog(event.status, event.MadeByStack(), method)) return;
      EndBecauseOf(*other, "");
      EndBecauseOf(leg, "");
      return;
    }
    case nua_i_cancel:
      // Of a re-INVITE, which the stack has answered with 487.
      if (other != nullptr && relay_.ReinvitePending(leg)) nua_cancel(other->handle(), TAG_END());
      return;
    case nua_i_error:
      // The ACK of a re-INVITE never came: the stack sends a BYE.
      if (event.status == 408 && other != nullptr) EndBecauseOf(*other, "");
      return;
    default:
      return;
  }
}

void Call::OnPrack(const std::string& rack, const sip_t& sip) {
  if (callee_) callee_->Prack(rack, PassOn(sip, PassedFor::kInDialogRequest));
}

void Call::OnAck(Leg& from, const sip_t& sip) {
  Leg* const other = Other(from);
  if (other != nullptr && other->holds_ack()) other->Ack(PassOn(sip, PassedFor::kInDialogRequest));
}

void Call::OnLegOver(Leg& leg, v1::EndedBy by) {
  Leg* const other = Other(leg);
  if (&leg != &caller_ && other == nullptr) return;
  // What the far end of a held call did is known already; the caller may still end it otherwise.
  if (&leg != &caller_ && go_on_) return;
  if (ended_by_ == v1::ENDED_BY_UNSPECIFIED) ended_by_ = by;
  MoveLegTo(leg, v1::CALL_STATE_TERMINATED);
  if (hunt_) hunt_->Stop();
  if (other != nullptr && !other->over()) {
    EndBecauseOf(*other, &leg == &caller_ ? ReasonForCallee(by) : leg.peer_reason());
    MoveLegTo(*other, v1::CALL_STATE_TERMINATING);
    MoveTo(v1::CALL_STATE_TERMINATING);
    Tell();
    return;
  }
  StopRinging();
  MoveTo(v1::CALL_STATE_TERMINATED);
  change_.set_ended_by(ended_by_);
  *change_.mutable_end_time() = base::ToTimestamp(Clock::now());
  Tell();
  context_.timers.Cancel(claim_timer_);
  journal_.Erase();
}

void Call::OnLegGone() {
  const auto gone = [](const auto& leg) { return leg == nullptr || leg->gone(); };
  if (drop_asked_ || !caller_.gone() || !gone(callee_)) return;
  if (!std::all_of(set_aside_.begin(), set_aside_.end(), gone)) return;
  drop_asked_ = true;
  context_.drop(name_);
}

std::string Call::ReasonForCallee(v1::EndedBy by) {
  const bool gave_up = by == v1::ENDED_BY_CALLER && state_ == v1::CALL_STATE_RINGING;
  const policy::LegPhase phase = callee_->Phase();
  if (gave_up && (phase == policy::LegPhase::kCalling || phase == policy::LegPhase::kRinging)) {
    if (auto reason = context_.events.OnCallerCancel(name_)) return *reason;
  }
  return caller_.peer_reason();
}

void Call::StopRinging() {
  StopHolding();
  context_.timers.Cancel(ring_timer_);
  if (std::exchange(counted_as_ringing_, false)) --context_.ringing;
}

void Call::MoveTo(v1::CallState state) {
  state_ = state;
  change_.set_state(state);
}

v1::Leg* Call::ChangeOf(const Leg& leg) {
  return &leg == &caller_ ? change_.mutable_caller() : change_.mutable_callee();
}

void Call::MoveLegTo(const Leg& leg, v1::CallState state) { ChangeOf(leg)->set_state(state); }

void Call::Tell() {
  change_.set_name(name_);
  context_.events.OnCall(change_);
  change_.Clear();
}

}  // namespace adieu::sip
