#pragma once

#include <sofia-sip/nua.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "server/metrics/metrics.h"
#include "server/sip/journal_inbox.h"
#include "server/sip/listener.h"
#include "server/sip/port.h"
#include "server/sip/resolver.h"
#include "server/sip/timer_queue.h"

namespace adieu::sip {

class Leg;

// What every call of an agent works with. Owned by the agent's switchboard, outlives its calls; its thread.
struct CallContext {
  CallEvents& events;
  TimerQueue& timers;
  metrics::Metrics& metrics;
  Resolver& resolver;
  // How many calls have no final response yet; the calls count themselves.
  size_t ringing;
  // No BYE waits for its time any more.
  bool hasten_byes;
  // A call is done; it is dropped when the stack has carried out all that it was asked to do so far.
  std::function<void(const std::string& call)> drop;
  // What the wire tap sees of this leg's dialog is the leg's from now on.
  std::function<void(Leg& leg)> add_leg;
  // ... and no more.
  std::function<void(const Leg& leg)> remove_leg;
  // What the journal answers comes by this. Null: there is no journal.
  std::shared_ptr<JournalInbox> journal;
  // The listener that reaches an address, if it can be the one that the call came by. Null: none does.
  std::function<const Listener*(const Endpoint& endpoint, nua_t* came_by)> listener_for;
};

}  // namespace adieu::sip
