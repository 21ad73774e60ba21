#include "server/engine/memory_ebb.h"

#include <algorithm>

namespace adieu::engine {

bool MemoryEbb::Due(size_t calls, Clock::time_point now) {
  high_ = std::max(high_, calls);
  const bool low = high_ >= kManyCalls && calls <= high_ / 4;
  if (!low) {
    low_since_ = {};
    return false;
  }
  if (low_since_ == Clock::time_point()) {
    low_since_ = now;
    given_back_ = 0;
  }
  if (now - low_since_ < (given_back_ == 0 ? kFirst : kSecond)) return false;
  if (++given_back_ == 2) {
    high_ = calls;
    low_since_ = {};
  }
  return true;
}

}  // namespace adieu::engine
