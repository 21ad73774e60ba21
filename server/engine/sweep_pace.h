#pragma once

#include <chrono>
#include <cstdint>

namespace adieu::engine {

// When the next call of a sweep is due: the nth at begin + n / rate, whatever became of the ones before, so
// that the rate does not drift. What is more than kMaxLate late is not caught up. A plain value, pure.
class SweepPace {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::chrono::seconds kMaxLate{1};

  // `rate`: calls per second; zero: every call is due at once.
  SweepPace(double rate, Clock::time_point begin) : rate_(rate), begin_(begin) {}

  // True: the next call is due, and counts as taken.
  bool Take(Clock::time_point now);
  // Nothing was done with the last one: the next may have its time.
  void GiveBack() { --taken_; }

  // When the next one is due.
  Clock::time_point Next() const;

 private:
  double rate_;
  Clock::time_point begin_;
  int64_t taken_ = 0;
};

}  // namespace adieu::engine
