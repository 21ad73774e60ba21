#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_set>

#include "server/engine/engine.h"
#include "server/metrics/metrics.h"
#include "server/sip/port.h"

namespace adieu::engine {

// Takes the server out of service: no new calls, no changes of policies, then the calls that are left are
// ended, each asked once, and again only after its own refusal. Owns one thread from Begin on. Owned by main;
// engine, port and metrics must outlive it. The destructor hurries and waits.
class Drain {
 public:
  using Clock = std::chrono::steady_clock;
  struct Options {
    // From Begin until ringing calls are ended with MAINTENANCE, and answered ones with BYE.
    std::chrono::milliseconds ringing_after{0};
    std::chrono::milliseconds answered_after{30'000};
    // How long the last calls get to settle: 64*T1 and some.
    std::chrono::milliseconds patience{40'000};
    // The same after Hurry.
    std::chrono::milliseconds hurried_patience{2'000};
    // Orders not sent yet at any time, until Hurry.
    size_t window = 64;
  };

  Drain(Options options, Engine* engine, sip::CallPort* port, metrics::Metrics* metrics);
  ~Drain();
  Drain(const Drain&) = delete;
  Drain& operator=(const Drain&) = delete;

  // Begins. `done` is called once, on Drain's thread, when no live call is left or the patience is over.
  // Once.
  void Begin(std::function<void()> done);

  // Everything at once, and over after hurried_patience. May be called more than once, and before Begin.
  void Hurry();

  // Whether `done` was or is being called.
  bool finished() const;

 private:
  // Shared with the orders: one that is never sent may outlive the drain.
  struct Progress {
    std::mutex mutex;
    std::condition_variable woken;
    // Guarded by mutex. Calls that were asked and did not refuse.
    std::unordered_set<std::string> asked;
    size_t unsent = 0;
    std::optional<Clock::time_point> hurried;
    bool finished = false;
  };

  void Run(const std::function<void()>& done);
  // Finds what is due and not asked. False: no live call is left, or the patience is over.
  bool Look(Clock::time_point now);
  // Orders as much of it as the window allows. False: something is left.
  bool OrderSome();
  void Order(const std::string& call);

  const Options options_;
  Engine* const engine_;
  sip::CallPort* const port_;
  metrics::Metrics* const metrics_;
  const std::shared_ptr<Progress> progress_ = std::make_shared<Progress>();

  // Only Drain's thread.
  Clock::time_point begin_;
  Clock::time_point last_order_;
  Clock::time_point next_word_;
  bool hastened_ = false;
  std::deque<std::string> due_;

  std::thread thread_;
};

}  // namespace adieu::engine
