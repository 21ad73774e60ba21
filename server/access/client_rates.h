#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace adieu::access {

// How many requests each client makes per second (a token bucket, told by the time at which it is full
// again). Any thread. 10,000 clients are told apart; while so many have made requests within the last second,
// further ones share one bucket.
class ClientRates {
 public:
  using Clock = std::chrono::steady_clock;

  // Of one client, with a burst of as many. 0: any number.
  explicit ClientRates(uint32_t per_second);

  // Counts one request. Nothing: it may be served; else how long until the next one may.
  std::optional<std::chrono::milliseconds> Take(const std::string& client, Clock::time_point now);

  // The same without counting it.
  std::optional<std::chrono::milliseconds> Wait(const std::string& client, Clock::time_point now);

 private:
  // With mutex_ held. The bucket of the client, or of those that are not told apart.
  Clock::time_point& FullAt(const std::string& client, Clock::time_point now);
  std::optional<std::chrono::milliseconds> WaitUntil(Clock::time_point next, Clock::time_point now) const;
  void ForgetIdle(Clock::time_point now);

  // Zero: any number.
  const Clock::duration interval_;

  std::mutex mutex_;
  // Guarded by mutex_: when each client's bucket is full again. One that is full is not kept for long.
  std::unordered_map<std::string, Clock::time_point> full_at_;
  Clock::time_point forgotten_at_;
};

}  // namespace adieu::access
