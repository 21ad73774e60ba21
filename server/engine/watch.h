#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "adieu/v1/call_control_service.pb.h"
#include "server/base/error.h"
#include "server/engine/call_registry.h"
#include "server/engine/watcher.h"
#include "server/metrics/metrics.h"

namespace adieu::engine {

// Tells watchers what changes in the registry. Owns one thread, which reads the registry's change log, so the
// threads that change calls only ring a bell. Open and Shutdown: any thread. The destructor shuts down.
class Watch {
 public:
  struct Options {
    // Changes that may wait for one client.
    size_t queue = 10'000;
    // How long a watcher hears nothing before it gets a bookmark.
    std::chrono::milliseconds silence{30'000};
    // Streams at once.
    size_t watchers = 1000;
  };

  // Sets the registry's listener. Registry and metrics must outlive it; no call may change and no stream be
  // open when it is destroyed.
  Watch(Options options, CallRegistry* registry, metrics::Metrics* metrics);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // Begins a stream. `ready` is called on Watch's thread, once for each time that Take said kNothing; it must
  // not block. INVALID_ARGUMENT: match or resume_token is wrong. OUT_OF_RANGE (RESUME_TOKEN_EXPIRED).
  // RESOURCE_EXHAUSTED (TOO_MANY_WATCHERS).
  base::Result<std::shared_ptr<Watcher>> Open(const v1::WatchCallsRequest& request,
                                              std::function<void()> ready);

  // Every stream gets what waits, a last bookmark, and its end; new ones end at once. May be called twice.
  void Shutdown();

 private:
  using Watchers = std::vector<std::shared_ptr<Watcher>>;

  void Nudge();
  void Run();
  // Brings every watcher up to the registry, as far as its queue allows.
  void Distribute(const Watchers& watchers);
  void DropClosed();

  const Options options_;
  CallRegistry* const registry_;
  metrics::Metrics* const metrics_;

  // Says without the mutex whether anybody listens.
  std::atomic<bool> wanted_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  Watchers watchers_;
  bool dirty_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace adieu::engine
