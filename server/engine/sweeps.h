#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "adieu/v1/call_control_service.pb.h"
#include "server/base/error.h"
#include "server/engine/call_registry.h"
#include "server/engine/policy_book.h"
#include "server/engine/sweep.h"
#include "server/engine/sweep_book.h"
#include "server/engine/sweep_search.h"
#include "server/engine/sweep_stream.h"
#include "server/engine/terminator.h"
#include "server/metrics/metrics.h"

namespace adieu::engine {

// Carries out ApplyCancelPolicy. Owns one thread, which finds the calls and gives the orders of all sweeps;
// what comes of an order is told on the terminator's threads. Orders that were not answered yet are bounded,
// so that other requests find room. Open and Shutdown: any thread. Owned by the engine; what it is given must
// outlive it. The destructor stops it.
class Sweeps {
 public:
  using Clock = Sweep::Clock;
  struct Options {
    // Sweeps with a stream at once.
    size_t running = 16;
    // Orders not answered yet, of all sweeps. Those without a pace leave a quarter to those with one.
    size_t window = 256;
  };

  Sweeps(Options options, CallRegistry* registry, const PolicyBook* policies, Terminator* terminator,
         metrics::Metrics* metrics);
  ~Sweeps();
  Sweeps(const Sweeps&) = delete;
  Sweeps& operator=(const Sweeps&) = delete;

  // Begins, continues or shows a sweep; errors as ApplyCancelPolicy documents them, TOO_MANY_MATCHES comes by
  // the stream. `ready`: see Sweep::Open.
  base::Result<std::shared_ptr<SweepStream>> Open(const v1::ApplyCancelPolicyRequest& request,
                                                  const std::string& principal, std::function<void()> ready);

  // No further call is ordered; each stream gets its end: the last word when none of its calls is left, else
  // UNAVAILABLE (SHUTTING_DOWN). Returns at once. May be called twice.
  void Shutdown();

  // Shutdown, and waits for the thread: 1 s at most.
  void Stop();

 private:
  using Stream = std::shared_ptr<SweepStream>;
  // A sweep with a stream, as Sweeps's thread sees it.
  struct Running {
    std::shared_ptr<Sweep> sweep;
    // Until its calls are found.
    std::unique_ptr<SweepSearch> search;
    size_t max_calls = 0;
  };
  // Shared with the orders: an answer may come when Sweeps is gone.
  struct Flow {
    std::mutex mutex;
    std::condition_variable woken;
    // Guarded by mutex.
    size_t under_way = 0;
    // The thread waits until only so many are.
    std::optional<size_t> wanted;
    bool dirty = false;
    bool stop = false;

    void Wake();
    void Answered();
  };

  // The stream or the error when the request is answered without a new sweep.
  std::optional<base::Result<Stream>> Continue(const v1::ApplyCancelPolicyRequest& request,
                                               const std::string& key, const std::string& fingerprint,
                                               const std::function<void()>& ready);
  Stream Start(std::shared_ptr<Running> running, std::function<void()> ready);

  void Run();
  void DropClosed();
  // When to come again at the latest.
  Clock::time_point Advance(Running* running, Clock::time_point now);
  void Search(Running* running, Clock::time_point now);
  void Show(Sweep* sweep, const std::deque<std::string>& found);
  // False: there is none; the thread is woken when there are some again.
  bool TakePlace(bool paced);
  // False: the agents' queue is full.
  bool Order(const std::shared_ptr<Sweep>& sweep, std::string call);
  // Brings the streams to their ends.
  void End();

  const Options options_;
  CallRegistry* const registry_;
  const PolicyBook* const policies_;
  Terminator* const terminator_;
  metrics::Metrics* const metrics_;
  const std::shared_ptr<Flow> flow_ = std::make_shared<Flow>();

  std::mutex mutex_;
  // Guarded by mutex_.
  SweepBook book_;
  std::vector<std::shared_ptr<Running>> running_;

  // Only the thread: no order before, the agents' queue was full.
  Clock::time_point rest_until_;
  std::thread thread_;
};

}  // namespace adieu::engine
