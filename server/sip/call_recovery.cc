#include <algorithm>
#include <utility>

#include "server/base/clock.h"
#include "server/sip/call.h"

// How a call of the process before goes on.
namespace adieu::sip {
namespace {

using Clock = std::chrono::system_clock;

// RFC 3326, Q.850: recovery on timer expiry.
constexpr char kUnclaimed[] = "Q.850;cause=102;text=\"Recovery on timer expiry\"";

// When the session timer of the two sides is over; none: `max_age` from now.
std::chrono::milliseconds UntilUnclaimed(const journal::v1::Dialogs& dialogs,
                                         std::chrono::milliseconds max_age) {
  if (dialogs.session_expires() == 0) return max_age;
  const auto over =
      base::FromTimestamp(dialogs.refresh_time()) + std::chrono::seconds(dialogs.session_expires());
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(over - Clock::now());
  return std::max(left, std::chrono::milliseconds(0));
}

}  // namespace

Call::Call(CallContext& context, const RecoveredCall& recovered)
    : context_(context),
      name_(recovered.call.name()),
      ring_timeout_(0),
      change_(recovered.call),
      counted_as_ringing_(!recovered.dialogs.has_answer()),
      answer_time_told_(recovered.dialogs.has_answer()),
      caller_(context, *this, recovered.caller, recovered.dialogs.caller(),
              recovered.dialogs.has_answer() && !recovered.answer_again),
      journal_(context, name_),
      common_(recovered.dialogs) {
  common_.clear_caller();
  common_.clear_callee();
  journal_.Inherit();
  if (counted_as_ringing_) ++context_.ringing;
  const v1::CallState state = counted_as_ringing_ ? v1::CALL_STATE_RINGING : v1::CALL_STATE_ANSWERED;
  MoveTo(state);
  MoveLegTo(caller_, state);
  if (!recovered.dialogs.callee().via().empty()) {
    nua_t* const nua = recovered.callee_listener != nullptr ? recovered.callee_listener->nua() : nullptr;
    callee_ = std::make_unique<CalleeLeg>(context, *this, nua, recovered.callee, recovered.dialogs.callee(),
                                          recovered.dialogs.has_answer());
    MoveLegTo(*callee_, state);
    if (recovered.ack_held) callee_->HoldAck();
    if (recovered.caller != nullptr) caller_.Bridge();
  }
}

void Call::GoOn(const RecoveredCall& recovered, std::chrono::milliseconds max_age) {
  const journal::v1::Dialogs& dialogs = recovered.dialogs;
  if (dialogs.has_answer() && !change_.has_answer_time()) {
    *change_.mutable_answer_time() = dialogs.answer().time();
    change_.mutable_caller()->set_last_status_code(dialogs.answer().status_code());
  }
  if (!dialogs.ending()) change_.clear_termination();
  Tell();
  if (recovered.caller == nullptr) caller_.Lose();
  if (callee_ && recovered.callee == nullptr) callee_->Lose();
  if (state_ == v1::CALL_STATE_TERMINATED || state_ == v1::CALL_STATE_TERMINATING) return;
  if (recovered.answer_again) {
    caller_.Answer(dialogs.answer().status_code(), dialogs.answer().reason_phrase(),
                   {.headers = dialogs.answer().headers(), .body = dialogs.answer().body()});
  }
  if (!dialogs.has_answer() || dialogs.ending()) {
    EndAll(dialogs.bye_reason());
    return;
  }
  OnDialogChanged();
  claim_timer_ = context_.timers.Schedule(UntilUnclaimed(dialogs, max_age), [this] { OnUnclaimed(); });
}

void Call::OnUnclaimed() {
  if (state_ != v1::CALL_STATE_ANSWERED) return;
  ended_by_ = v1::ENDED_BY_TIMEOUT;
  EndAll(kUnclaimed);
}

void Call::EndAll(const std::string& reason) {
  EndBecauseOf(caller_, reason);
  if (callee_) EndBecauseOf(*callee_, reason);
  if (state_ == v1::CALL_STATE_TERMINATED) return;
  MoveLegTo(caller_, v1::CALL_STATE_TERMINATING);
  if (callee_) MoveLegTo(*callee_, v1::CALL_STATE_TERMINATING);
  MoveTo(v1::CALL_STATE_TERMINATING);
  Tell();
}

}  // namespace adieu::sip
