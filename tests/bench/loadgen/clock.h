#pragma once

#include <cstdint>

namespace adieu::bench {

// Nanoseconds of the monotonic clock.
int64_t Now();

// Sleeps until the monotonic clock shows this; returns at once when it has passed.
void SleepUntil(int64_t nanoseconds);

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kSecond = 1'000 * kMillisecond;

}  // namespace adieu::bench
