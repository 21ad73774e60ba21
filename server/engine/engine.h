#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "adieu/v1/call_control_service.pb.h"
#include "adieu/v1/cancel_policy_service.pb.h"
#include "server/base/error.h"
#include "server/engine/call_registry.h"
#include "server/engine/decider.h"
#include "server/engine/policy_book.h"
#include "server/engine/slow_lane.h"
#include "server/engine/sweeps.h"
#include "server/engine/terminator.h"
#include "server/engine/triggers.h"
#include "server/engine/watch.h"
#include "server/engine/worker_pool.h"
#include "server/metrics/metrics.h"
#include "server/sip/port.h"
#include "server/store/store.h"

namespace adieu::engine {

// The calls of this instance and what is done to them: hears the agents, serves the API. Any thread. Owned by
// main: made before the agents, destroyed after the agents and the API have stopped and before the store and
// the metrics.
class Engine : public sip::CallEvents {
 public:
  struct Options {
    CallRegistry::Options registry;
    Watch::Options watch;
    Terminator::Options terminator;
    Sweeps::Options sweeps;
    // Terminations that may wait for a worker.
    size_t queue = 20'000;
    size_t workers = 2;
  };

  Engine(Options options, store::Store* store, metrics::Metrics* metrics);
  ~Engine() override;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Where orders go, and this server's own SIP addresses. Before the API serves.
  void Connect(sip::CallPort* port, std::vector<std::string> own_addresses);

  void OnCall(const v1::Call& call) override;
  void OnMessage(const std::string& call, const v1::SipMessage& message) override;
  void OnLegEnding(const std::string& termination, const std::string& call,
                   const v1::LegEnding& leg) override;
  void OnRingTimeout(const std::string& call) override;
  sip::Verdict OnArrival(const std::string& call) override;
  sip::Verdict OnFarEndFailure(const std::string& call, int status_code, const std::string& reason) override;
  std::optional<std::string> OnCallerCancel(const std::string& call) override;
  void OnDialogs(const std::string& call, std::string dialogs, std::function<void(bool)> stored) override;

  // What the process before this one left in the journal, for the agents. A call that cannot be read is left
  // out, logged and forgotten. UNAVAILABLE (STORE_UNAVAILABLE): the journal could not be read.
  base::Result<std::vector<sip::JournaledCall>> JournaledCalls();

  // The reads of CallControlService; errors as the service documents them.
  base::Result<v1::ListCallsResponse> List(const v1::ListCallsRequest& request) const;
  base::Result<v1::Call> Get(const v1::GetCallRequest& request) const;
  base::Result<v1::ListTerminationsResponse> ListTerminations(const v1::ListTerminationsRequest& request);

  // ExplainCancelPolicy; errors as the service documents them.
  base::Result<v1::ExplainCancelPolicyResponse> Explain(const v1::ExplainCancelPolicyRequest& request) const;

  // Load it before the agents start.
  PolicyBook& policies() { return policies_; }
  // Where policies are changed and explained.
  SlowLane& slow_lane() { return slow_lane_; }
  Watch& watch() { return watch_; }
  Terminator& terminator() { return terminator_; }
  Sweeps& sweeps() { return sweeps_; }
  CallRegistry& registry() { return registry_; }

  // Runs what the workers still have and ends the housekeeping. The agents and the API must have stopped. May
  // be called twice.
  void Stop();

 private:
  void KeepHouse();

  store::Store* const store_;
  metrics::Metrics* const metrics_;
  CallRegistry registry_;
  PolicyBook policies_;
  Decider decider_;
  Watch watch_;
  WorkerPool pool_;
  Terminator terminator_;
  Triggers triggers_;
  Sweeps sweeps_;
  SlowLane slow_lane_;

  std::mutex mutex_;
  std::condition_variable stopping_;
  // Guarded by mutex_.
  bool stop_ = false;
  std::thread house_keeper_;
};

}  // namespace adieu::engine
