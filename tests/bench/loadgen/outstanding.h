#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace adieu::bench {

// How many requests wait for their answer. Any thread.
class Outstanding {
 public:
  void Began();
  void Ended();
  // Waits until fewer than `limit` are left, at most so many nanoseconds; says whether they are.
  bool WaitBelow(size_t limit, int64_t nanoseconds);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t count_ = 0;
};

}  // namespace adieu::bench
