#include "tests/bench/loadgen/bare_load.h"

#include <cmath>

#include "tests/bench/loadgen/caller.h"
#include "tests/bench/loadgen/clock.h"
#include "tests/bench/loadgen/process_usage.h"

namespace adieu::bench {
namespace {

constexpr int64_t kPatience = 5 * kSecond;
constexpr int64_t kRetransmissionsSeen = 700 * kMillisecond;

}  // namespace

Figures RunBareLoad(const Target& target, double rate, double seconds) {
  const auto calls = static_cast<size_t>(std::llround(rate * seconds));
  CallRecords records(calls);
  Caller caller(target.sip, NewRun(), records);
  const int64_t cpu_before = CpuMicroseconds(target.pid);
  const int64_t begin = Now();
  for (size_t i = 0; i < calls; ++i) {
    SleepUntil(begin + static_cast<int64_t>(static_cast<double>(i) * kSecond / rate));
    caller.Invite(i);
  }
  const int64_t end = Now();
  while (Failures(records.all(), false) > 0 && Now() < end + kPatience) SleepUntil(Now() + kMillisecond);
  const int64_t cpu = CpuMicroseconds(target.pid) - cpu_before;
  SleepUntil(Now() + kRetransmissionsSeen);
  return {.calls = calls,
          .latency = LatencyFrom(records.all(), &CallRecord::invited),
          .failures = Failures(records.all(), false),
          .retransmissions = Retransmissions(records.all()),
          .cpu_us = static_cast<double>(cpu) / static_cast<double>(calls),
          .rate = static_cast<double>(calls) * kSecond / static_cast<double>(end - begin)};
}

}  // namespace adieu::bench
