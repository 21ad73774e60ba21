#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "server/base/error.h"
#include "server/engine/engine.h"
#include "server/metrics/metrics.h"

namespace adieu::api {

// The gRPC server: CallControlService, CancelPolicyService, health and reflection, without TLS. Owned by
// main; engine and metrics must outlive it. The destructor shuts down.
class Server {
 public:
  // `listen`: `host:port` (port 0 takes a free one) or `unix:PATH`. UNAVAILABLE (API_LISTEN_FAILED) when it
  // cannot be bound.
  static base::Result<std::unique_ptr<Server>> Start(const std::string& listen, engine::Engine* engine,
                                                     metrics::Metrics* metrics);

  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // What is bound: `127.0.0.1:50051`, `unix:PATH`.
  const std::string& address() const;

  // Health: `""`, whether new calls are taken; `adieu.live`, whether the process works. Both hold at the
  // start.
  void SetReady(bool ready);
  void SetLive(bool live);

  // Refuses new RPCs, ends the watches with a last bookmark, waits for what runs until the deadline and then
  // cancels it. May be called twice.
  void Shutdown(std::chrono::system_clock::time_point deadline);

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace adieu::api
