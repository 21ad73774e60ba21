#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/metrics/metrics.h"
#include "server/sip/agent_options.h"
#include "server/sip/invite_gate.h"
#include "server/sip/listener.h"
#include "server/sip/no_entry.h"
#include "server/sip/recent_refusals.h"
#include "server/sip/timer_queue.h"
#include "server/sip/wire_tap.h"

namespace adieu::sip {

// What stands between the listeners' sockets and the stack: the kernel's filter of sources, the gate for new
// INVITEs, and the refusal that costs no transaction. The agent's thread; owned by the switchboard, whose
// listeners, timers and metrics must outlive it.
class Entrance {
 public:
  Entrance(const AgentOptions& options, TimerQueue& timers, metrics::Metrics& metrics);
  ~Entrance();
  Entrance(const Entrance&) = delete;
  Entrance& operator=(const Entrance&) = delete;

  // Finds the sockets of a listener that is open: sees how large its buffer is, lets the kernel drop what
  // `sip.allow` does not name, and from now on counts what the kernel dropped.
  void Guard(const ListenAddress& address);

  // Whether a new INVITE may come in; if not, why. Asked once for each.
  std::optional<metrics::RejectReason> Refuses(const WireMessage& invite);

  // Answers it without the stack. False: that cannot be done (not over UDP); nothing was sent.
  // `key`: dialog key and branch.
  bool Refuse(const WireMessage& invite, const std::string& key, metrics::RejectReason reason);
  // Whether this INVITE was refused before; then it is refused again.
  bool RefusesAgain(const WireMessage& invite, const std::string& key);
  // Whether this is the key of one that was refused: its ACK is for nobody (RFC 3261 8.2.7).
  bool HasRefused(const std::string& key);
  // What an INVITE gets that is refused with the stack.
  NoEntry AnswerTo(const sip_t& invite, metrics::RejectReason reason) const;

 private:
  // The UDP socket of a listener.
  struct Door {
    std::string listener;
    int socket;
    sockaddr_storage address;
    unsigned dropped;
  };

  void WatchDrops();
  const Door* DoorOf(const WireMessage& message) const;
  bool Send(const WireMessage& invite, const std::string& key, metrics::RejectReason reason);

  const AgentOptions& options_;
  TimerQueue& timers_;
  metrics::Metrics& metrics_;
  // Makes the tags that we give.
  const std::string secret_;
  InviteGate gate_;
  RecentRefusals refusals_;
  std::vector<Door> doors_;
  TimerQueue::Id watch_;
};

}  // namespace adieu::sip
