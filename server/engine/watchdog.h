#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace adieu::engine {

// Notices that an agent's thread does not turn any more: a call of the SIP library that does not return, a
// lock that is not released. It counts its own ticks, not the time: a process that was stopped as a whole, or
// that got no processor, is not stuck. Owns one thread. The destructor ends it; then nothing is called.
class Watchdog {
 public:
  struct Options {
    std::chrono::milliseconds tick{1000};
    // Ticks in a row without a turn.
    int patience = 10;
  };

  // `turns`: how often the agent turned; must change within each patience. `on_stuck` is called once, on the
  // watchdog's thread, which has nothing to do then.
  Watchdog(Options options, std::function<uint64_t()> turns, std::function<void()> on_stuck);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void Run();

  const Options options_;
  const std::function<uint64_t()> turns_;
  const std::function<void()> on_stuck_;

  std::mutex mutex_;
  std::condition_variable stopping_;
  // Guarded by mutex_.
  bool stop_ = false;
  // Last: it uses everything above.
  std::thread thread_;
};

}  // namespace adieu::engine
