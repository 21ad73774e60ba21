#include "tests/bench/loadgen/clock.h"

#include <time.h>

#include <cerrno>

namespace adieu::bench {

int64_t Now() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

void SleepUntil(int64_t nanoseconds) {
  const timespec until = {.tv_sec = nanoseconds / kSecond, .tv_nsec = nanoseconds % kSecond};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

}  // namespace adieu::bench
