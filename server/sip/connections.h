#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>

#include "server/metrics/metrics.h"
#include "server/sip/timer_queue.h"

struct tport_s;

namespace adieu::sip {

// The connections that peers opened over TCP and TLS: one too many, one that brings nothing in time, and one
// of which nothing more can be read are closed. A connection that brought a message stays until its peer goes
// or is found dead by the kernel: calls may need it. The agent's thread; owned by the switchboard, whose
// timers and metrics must outlive it.
class Connections {
 public:
  // How long after it was accepted the TLS handshake is done, and the first message there.
  static constexpr std::chrono::seconds kHandshake{10};
  static constexpr std::chrono::seconds kFirstMessage{30};
  // How long one of which nothing more is read stays for its last answer.
  static constexpr std::chrono::seconds kLastAnswer{2};
  // At once, in all (fewer where the process may not open three times as many files) and of one IP address.
  static constexpr size_t kMax = 4'000;
  static constexpr size_t kMaxPerSource = 1'000;

  Connections(TimerQueue& timers, metrics::Metrics& metrics);
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  // `allowed`: its address is one of `sip.allow`.
  void OnConnected(tport_s* connection, const std::string& source, bool tls, bool allowed);
  void OnMessage(tport_s* connection);
  void OnBroken(tport_s* connection);
  void OnClosed(tport_s* connection);

 private:
  using Clock = std::chrono::steady_clock;
  struct Connection {
    std::string source;
    bool tls;
    Clock::time_point opened;
    bool spoke = false;
    bool refused = false;
    // Nothing more is read since then; never: it is good.
    Clock::time_point broken = Clock::time_point::max();
  };

  void Watch();
  bool IsOver(tport_s* connection, const Connection& state, Clock::time_point now) const;
  void Refuse(tport_s* connection, metrics::RejectReason reason);

  TimerQueue& timers_;
  metrics::Metrics& metrics_;
  const size_t max_;
  std::unordered_map<tport_s*, Connection> connections_;
  std::unordered_map<std::string, size_t> per_source_;
  TimerQueue::Id watch_;
};

}  // namespace adieu::sip
