#pragma once

#include <algorithm>
#include <chrono>

namespace adieu::base {

// Lets so many events per second through, on average; after a pause as many at once. Not synchronised.
class TokenBucket {
 public:
  using Clock = std::chrono::steady_clock;

  // `per_second`: more than zero. Begins full.
  TokenBucket(double per_second, Clock::time_point now)
      : per_second_(per_second), tokens_(std::max(per_second, 1.0)), filled_(now) {}

  // False: this event is one too many. `now` does not go back.
  bool Take(Clock::time_point now) {
    const double passed = std::chrono::duration<double>(now - filled_).count();
    tokens_ = std::min(std::max(per_second_, 1.0), tokens_ + passed * per_second_);
    filled_ = now;
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  double per_second_;
  double tokens_;
  Clock::time_point filled_;
};

}  // namespace adieu::base
