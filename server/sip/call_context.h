#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "server/metrics/metrics.h"
#include "server/sip/port.h"
#include "server/sip/timer_queue.h"

namespace adieu::sip {

// What every call of an agent works with. Owned by the agent's switchboard, outlives its calls; its thread.
struct CallContext {
  CallEvents& events;
  TimerQueue& timers;
  metrics::Metrics& metrics;
  // How many calls have no final response yet; the calls count themselves.
  size_t ringing;
  // No BYE waits for its time any more.
  bool hasten_byes;
  // A call is done; it is dropped when the stack has carried out all that it was asked to do so far.
  std::function<void(const std::string& call)> drop;
};

}  // namespace adieu::sip
