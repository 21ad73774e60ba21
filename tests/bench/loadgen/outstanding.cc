#include "tests/bench/loadgen/outstanding.h"

#include <chrono>

namespace adieu::bench {

void Outstanding::Began() {
  const std::lock_guard lock(mutex_);
  ++count_;
}

void Outstanding::Ended() {
  const std::lock_guard lock(mutex_);
  --count_;
  changed_.notify_all();
}

bool Outstanding::WaitBelow(size_t limit, int64_t nanoseconds) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::nanoseconds(nanoseconds), [&] { return count_ < limit; });
}

}  // namespace adieu::bench
