#include "server/engine/watchdog.h"

#include <pthread.h>

#include <utility>

namespace adieu::engine {

Watchdog::Watchdog(Options options, std::function<uint64_t()> turns, std::function<void()> on_stuck)
    : options_(options),
      turns_(std::move(turns)),
      on_stuck_(std::move(on_stuck)),
      thread_([this] { Run(); }) {}

Watchdog::~Watchdog() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopping_.notify_one();
  thread_.join();
}

void Watchdog::Run() {
  pthread_setname_np(pthread_self(), "watchdog");
  uint64_t seen = turns_();
  int still = 0;
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, options_.tick, [this] { return stop_; })) {
    const uint64_t now = turns_();
    still = now == seen ? still + 1 : 0;
    seen = now;
    if (still < options_.patience) continue;
    lock.unlock();
    on_stuck_();
    return;
  }
}

}  // namespace adieu::engine
