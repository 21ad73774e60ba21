#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

#include "client/adieu/result.h"

namespace adieu::client {

// How long to wait before the next try: what the server asks for, else 100 ms, doubling to 2 s.
class Backoff {
 public:
  std::chrono::milliseconds Next(const Error& error) {
    if (error.retry_after) return std::max(*error.retry_after, std::chrono::milliseconds(1));
    return std::exchange(pause_, std::min(2 * pause_, std::chrono::milliseconds(2000)));
  }
  void Reset() { pause_ = kFirst; }

 private:
  static constexpr std::chrono::milliseconds kFirst{100};
  std::chrono::milliseconds pause_ = kFirst;
};

}  // namespace adieu::client
