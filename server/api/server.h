#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "adieu/config/v1/access.pb.h"
#include "adieu/config/v1/config.pb.h"
#include "server/access/door.h"
#include "server/base/error.h"
#include "server/config/read_tls.h"
#include "server/engine/engine.h"
#include "server/metrics/metrics.h"

namespace adieu::api {

// The gRPC server: CallControlService, CancelPolicyService, health and reflection. Owned by main; engine and
// metrics must outlive it. The destructor shuts down.
class Server {
 public:
  struct Options {
    // `api` of a configuration that is complete and checked. `api.listen`: port 0 takes a free one.
    config::v1::Api api;
    // What its files hold. They are read again when they change.
    std::optional<config::TlsFiles> tls = {};
    std::optional<config::v1::Access> access = {};
    // What one client may do.
    access::Door::Options client = {};
    // RPCs at once.
    int streams_per_connection = 1'000;
  };

  // UNAVAILABLE (API_LISTEN_FAILED) when the address cannot be bound.
  static base::Result<std::unique_ptr<Server>> Start(Options options, engine::Engine* engine,
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
