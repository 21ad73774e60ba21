#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "server/metrics/cells.h"
#include "server/metrics/metrics.h"
#include "server/metrics/process.h"

namespace adieu::metrics {

// The families and the resolved series of Metrics. Owned by Metrics; MetricsServer shares what it collects.
struct Metrics::Impl {
  explicit Impl(const std::string& version);

  prometheus::Counter& EndedBy(v1::EndedBy by);

  // By side, direction and method.
  static constexpr size_t kMessages =
      static_cast<size_t>(v1::LegSide_ARRAYSIZE) * v1::Direction_ARRAYSIZE * kSipMethods;
  static constexpr size_t kCodes = 601;  // 100-699, then everything else.
  static constexpr size_t kStates = v1::CallState_ARRAYSIZE;
  static constexpr size_t kTerminations = static_cast<size_t>(v1::Trigger_ARRAYSIZE) * v1::Intent_ARRAYSIZE *
                                          v1::LegAction_ARRAYSIZE * v1::LegOutcome_ARRAYSIZE;
  static constexpr size_t kRpcCodes = 18;  // The canonical codes 0-16, then everything else.
  static constexpr size_t kMaxRpcs = 64;

  // One method of a gRPC service.
  struct Rpc {
    prometheus::Labels labels;
    prometheus::Counter* started = nullptr;
    prometheus::Histogram* handling = nullptr;
    CounterCells<kRpcCodes> handled;
  };

  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  std::shared_ptr<ProcessCollector> process = std::make_shared<ProcessCollector>();

  prometheus::Family<prometheus::Counter>& responses;
  prometheus::Family<prometheus::Counter>& requests;
  prometheus::Family<prometheus::Counter>& retransmissions;
  std::array<prometheus::Counter*, kRejectReasons> rejected;
  prometheus::Family<prometheus::Gauge>& receive_buffer;
  prometheus::Family<prometheus::Counter>& datagrams_dropped;
  prometheus::Family<prometheus::Gauge>& calls;
  prometheus::Gauge& ringing_limit;
  prometheus::Counter& calls_total;
  prometheus::Family<prometheus::Counter>& calls_ended;
  std::array<prometheus::Counter*, kGlareKinds> glares;
  prometheus::Counter& unjournaled;
  std::array<prometheus::Counter*, kRecoveries> recovered;
  prometheus::Counter& forks;
  std::array<prometheus::Counter*, kFailoverReasons> failovers;
  prometheus::Family<prometheus::Counter>& terminations;
  prometheus::Histogram& termination_sent;
  prometheus::Histogram& termination_ended;
  prometheus::Family<prometheus::Counter>& policy_decisions;
  prometheus::Family<prometheus::Counter>& far_end_rewrites;
  prometheus::Histogram& policy_evaluation;
  prometheus::Family<prometheus::Gauge>& policies;
  prometheus::Gauge& sweeps;
  std::array<prometheus::Counter*, kSweepResults> sweep_calls;
  prometheus::Gauge& queue_depth;
  prometheus::Gauge& queue_limit;
  prometheus::Counter& queue_rejected;
  prometheus::Gauge& workers;
  prometheus::Gauge& workers_busy;
  prometheus::Family<prometheus::Counter>& rpc_started;
  prometheus::Family<prometheus::Counter>& rpc_handled;
  prometheus::Family<prometheus::Histogram>& rpc_handling;
  prometheus::Family<prometheus::Counter>& api_denied;
  prometheus::Family<prometheus::Gauge>& certificate_expiry;
  prometheus::Counter& store_errors;
  prometheus::Histogram& store_commit;
  prometheus::Gauge& watchers;
  prometheus::Gauge& draining;

  CounterCells<kMessages * kCodes> response_cells;
  CounterCells<kMessages> request_cells;
  CounterCells<kMessages> retransmission_cells;
  CounterCells<kApiDenials> denial_cells;
  CounterCells<v1::EndedBy_ARRAYSIZE> ended_cells;
  CounterCells<kTerminations> termination_cells;
  // nullptr: the state has no series.
  std::array<prometheus::Gauge*, kStates> state_gauges = {};

  // Guards policy_names: those that have a label of their own.
  std::mutex policy_mutex;
  std::set<std::string> policy_names;

  // Guards the growth of `rpcs`; entries below `rpc_count` are complete and stay.
  std::mutex rpc_mutex;
  std::array<std::unique_ptr<Rpc>, kMaxRpcs> rpcs;
  std::atomic<size_t> rpc_count{0};
};

}  // namespace adieu::metrics
