#pragma once

#include <chrono>
#include <cstddef>

namespace adieu::engine {

// Says when it pays to give freed memory back to the system: some seconds after many calls have ended, and
// once more when the SIP stack has forgotten their transactions. Never while as many are there as before. Not
// thread-safe; owned by the engine, asked on its housekeeping thread.
class MemoryEbb {
 public:
  using Clock = std::chrono::steady_clock;

  // Fewer calls are not worth the walk through the heap.
  static constexpr size_t kManyCalls = 1000;
  // The peers' last messages have come by then.
  static constexpr std::chrono::seconds kFirst{5};
  // Above 64*T1 and T4 (RFC 3261 17).
  static constexpr std::chrono::seconds kSecond{45};

  // About once a second; `calls` live now.
  bool Due(size_t calls, Clock::time_point now);

 private:
  // The most that lived at once since the last ebb began.
  size_t high_ = 0;
  // When the calls were so few. The epoch: no ebb.
  Clock::time_point low_since_;
  int given_back_ = 0;
};

}  // namespace adieu::engine
