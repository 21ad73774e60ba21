#pragma once

#include <grpcpp/support/status.h>

#include <chrono>

#include "server/metrics/metrics.h"

namespace adieu::api {

// Counts one RPC: that it began, and with Handled how it ended. Any thread. Metrics must outlive it.
class RpcCount {
 public:
  RpcCount(metrics::Metrics* metrics, metrics::Metrics::RpcKey key) : metrics_(metrics), key_(key) {
    metrics_->RpcStarted(key_);
  }

  // Once.
  void Handled(grpc::StatusCode code) const {
    metrics_->RpcHandled(key_, static_cast<absl::StatusCode>(code),
                         std::chrono::steady_clock::now() - begin_);
  }

 private:
  metrics::Metrics* metrics_;
  metrics::Metrics::RpcKey key_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace adieu::api
