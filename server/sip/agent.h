#pragma once

#include <sofia-sip/su_wait.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "adieu/config/v1/config.pb.h"
#include "server/base/error.h"
#include "server/metrics/metrics.h"
#include "server/sip/agent_options.h"
#include "server/sip/fresh_certificates.h"
#include "server/sip/port.h"

namespace adieu::sip {

class Switchboard;

// One thread with one root of the SIP stack and one NUA per listener on it; the only thread that calls the
// stack. Owned by main. Any thread may give it orders; they wait in a bounded mailbox and are taken a few
// per turn of the thread's loop, so that a storm of them does not starve the sockets: ACKs that wait there
// make the stack send its responses again. CallEvents and Metrics must outlive it.
class Agent : public CallPort {
 public:
  // Opens the listeners and proves that the wire tap and the parser guards hold. INVALID_ARGUMENT: a key of
  // the configuration is wrong. UNAVAILABLE (SIP_LISTEN_FAILED): an address cannot be bound.
  // `journaled`: the calls of the process before this one; they are told of, and taken up, before any message
  // of a peer is looked at.
  static base::Result<std::unique_ptr<Agent>> Start(const config::v1::Config& config, CallEvents* events,
                                                    metrics::Metrics* metrics,
                                                    std::vector<JournaledCall> journaled = {});
  // Stop() with two seconds of patience, if it was not called.
  ~Agent() override;

  bool End(EndOrder order) override;
  bool Release(const std::string& call) override;
  void StopIntake() override;
  void HastenByes() override;

  // How often its thread turned, counted twice a second: one that does not grow any more is stuck.
  uint64_t turns() const { return turns_.load(std::memory_order_relaxed); }

  // Where it listens; the ports are bound.
  const std::vector<ListenAddress>& addresses() const { return addresses_; }

  // Ends the calls that are left with 480 or BYE, waits for them and for the stack, `patience` in all, and
  // joins the thread. What does not end in time is left to the end of the process. Only once.
  void Stop(std::chrono::milliseconds patience);

 private:
  Agent(AgentOptions options, CallEvents& events, metrics::Metrics& metrics);

  void Run(std::promise<std::optional<base::Error>> opened, std::vector<JournaledCall> journaled);
  void RunUntilStopped(su_root_t* root, Switchboard& switchboard);
  void TakeMail(Switchboard& switchboard);
  void Wake();
  static void OnBeat(su_root_magic_t*, su_timer_t*, su_timer_arg_t* self);
  static void OnWake(su_root_magic_t* self, su_msg_r message, su_msg_arg_t*);

  const AgentOptions options_;
  CallEvents& events_;
  metrics::Metrics& metrics_;
  std::vector<ListenAddress> addresses_;
  Switchboard* switchboard_ = nullptr;  // The agent's thread only.
  std::atomic<uint64_t> turns_ = 0;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::deque<EndOrder> orders_;
  std::deque<std::string> releases_;
  bool stop_intake_ = false;
  bool hasten_byes_ = false;
  std::optional<std::chrono::steady_clock::time_point> stop_by_;
  // A wake-up is under way.
  bool woken_ = false;
  // The root of the thread while it can be woken; null before and after.
  su_root_t* root_ = nullptr;

  // Once it is open.
  std::optional<FreshCertificates> certificates_;
  std::thread thread_;
};

}  // namespace adieu::sip
