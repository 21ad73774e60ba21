#pragma once

#include "tests/bench/loadgen/caller.h"
#include "tests/bench/loadgen/clock.h"

namespace adieu::bench {

// How long many calls may take to ring, or to end.
constexpr int64_t kRingPatience = 40 * kSecond;

// Looks every millisecond whether it is done, for as long as the patience lasts.
template <typename Done>
bool WaitFor(Done done) {
  const int64_t deadline = Now() + kRingPatience;
  while (!done() && Now() < deadline) SleepUntil(Now() + kMillisecond);
  return done();
}

// Lets every call of the records ring, and waits until they do.
void Ring(Caller& caller, const CallRecords& records, double invites_per_second);

}  // namespace adieu::bench
