#include "server/sip/ending_report.h"

#include <chrono>
#include <utility>

#include "server/base/clock.h"

namespace adieu::sip {

using std::chrono::system_clock;

EndingReport::EndingReport(CallEvents& events, std::string termination, std::string call, v1::LegSide side,
                           v1::LegAction action)
    : events_(events), termination_(std::move(termination)), call_(std::move(call)) {
  ending_.set_side(side);
  ending_.set_action(action);
}

void EndingReport::Held() { Tell(v1::LEG_OUTCOME_HELD); }

void EndingReport::Sent() {
  if (settled_) return;
  if (!ending_.has_send_time()) *ending_.mutable_send_time() = base::ToTimestamp(system_clock::now());
  Tell(v1::LEG_OUTCOME_SENT);
}

void EndingReport::Settle(v1::LegOutcome outcome) {
  if (settled_) return;
  settled_ = true;
  *ending_.mutable_end_time() = base::ToTimestamp(system_clock::now());
  Tell(outcome);
}

void EndingReport::Tell(v1::LegOutcome outcome) {
  ending_.set_outcome(outcome);
  events_.OnLegEnding(termination_, call_, ending_);
}

}  // namespace adieu::sip
