#pragma once

#include <memory>
#include <string>

#include "server/base/error.h"

namespace adieu::metrics {

class Metrics;

// Serves `/metrics` over HTTP with two threads of its own. Owned by main; Metrics must outlive it. The
// destructor stops it and blocks for up to 1.7 s (the HTTP library's), so it goes last.
class MetricsServer {
 public:
  // `listen`: `127.0.0.1:9464`, `[::1]:9464` or `localhost:9464`; port 0 takes a free one. UNAVAILABLE
  // (METRICS_LISTEN_FAILED) when the address cannot be bound.
  static base::Result<std::unique_ptr<MetricsServer>> Start(const Metrics& metrics,
                                                            const std::string& listen);

  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  // The port that is bound.
  int port() const;

 private:
  struct Impl;
  explicit MetricsServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace adieu::metrics
