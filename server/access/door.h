#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "adieu/config/v1/access.pb.h"
#include "server/access/caller.h"
#include "server/access/client_counts.h"
#include "server/access/client_rates.h"
#include "server/access/credentials.h"
#include "server/access/known_clients.h"
#include "server/base/error.h"
#include "server/metrics/metrics.h"

namespace adieu::access {

// Who is let in: every request asks here. Counts and logs who is not. Any thread; nothing waits longer than a
// signature takes to check. Owned by the API's server; metrics must outlive it.
class Door {
 public:
  struct Options {
    // Of one client; 0: any number.
    uint32_t requests_per_second = 0;
    // WatchCalls streams of one client at once.
    size_t watchers = 100;
  };

  // Without `access` everyone who comes is an admin: known by its certificate, if it shows one, else
  // `anonymous`.
  Door(Options options, std::optional<config::v1::Access> access, metrics::Metrics* metrics);

  // Who may come from now on. There must have been somebody before.
  void Change(config::v1::Access access);
  // Grows with each Change.
  uint64_t changes() const { return changes_; }

  // Who asks. The request counts against the rate of its client: who it is, or its address while that is not
  // known. Where 100 signatures per second were wrong, no new ones are checked. UNAUTHENTICATED,
  // PERMISSION_DENIED (NO_ROLE), RESOURCE_EXHAUSTED (RATE_LIMITED).
  base::Result<Caller> Enter(const Credentials& credentials);

  // The same for one that is in already, and without counting: a stream, when its credentials have run out or
  // there was a Change. It must still be the same one.
  base::Result<Caller> Reenter(const Credentials& credentials, const Caller& before);

  // The error for a caller that may not do this, counted and logged. `who`: the principal, or the address.
  base::Error Refuse(metrics::ApiDenial denial, const std::string& who);
  base::Error RefuseRole(const Caller& caller, v1::Role least);

  // Null: the client has as many watches as it may. `client`: as ClientOf names it.
  std::unique_ptr<ClientCounts::Ticket> EnterWatch(const std::string& client) {
    return watchers_.Enter(client);
  }

 private:
  using Time = std::chrono::system_clock::time_point;

  std::shared_ptr<KnownClients> Known() const;
  base::Error Refuse(base::Error error, metrics::ApiDenial denial, const std::string& who);

  metrics::Metrics* const metrics_;
  ClientRates rates_;
  // Of signatures that were wrong.
  ClientRates failures_;
  ClientCounts watchers_;
  std::atomic<uint64_t> changes_{0};

  mutable std::mutex mutex_;
  // Guarded by mutex_. Null: everyone is an admin.
  std::shared_ptr<KnownClients> known_;
  // Guarded by mutex_: when a refusal was last logged, and how many were not since then.
  std::chrono::steady_clock::time_point logged_at_;
  uint64_t unlogged_ = 0;
};

// Under which name a client's requests are counted together: its principal, or without one its address. An
// IPv6 address counts by its first 64 bits: one client has all of the others.
std::string ClientOf(const Caller& caller, const Credentials& credentials);

}  // namespace adieu::access
