#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tests/bench/loadgen/call_record.h"
#include "tests/bench/loadgen/report.h"

namespace adieu::bench {

// The spread of a set of durations, in milliseconds; all zero when there is none.
struct Spread {
  double p50 = 0;
  double p99 = 0;
  double max = 0;
};
Spread SpreadOf(std::vector<int64_t> nanoseconds);

// The figures of one load.
struct Figures {
  size_t calls = 0;
  // From asking for the end (bare: from the INVITE) to the final response at the caller's socket.
  Spread latency;
  // Calls for which 180 or the final response was missing or wrong, or the RPC failed.
  size_t failures = 0;
  // Final responses that came again.
  size_t retransmissions = 0;
  // CPU time of the server per call, microseconds.
  double cpu_us = 0;
  // The rate at which the generator really asked, per second. Far below the wish: the machine is too small.
  double rate = 0;
  // INVITEs of the flood beside the calls.
  size_t flood = 0;
  // The server's CPU time in all, microseconds, and what its resident memory grew by, kB.
  int64_t total_cpu_us = 0;
  int64_t growth_kb = 0;

  bool clean() const { return failures == 0 && retransmissions == 0; }
  void AddTo(Report* report) const;
};

// Did this call go as it should? With `rpc`, TerminateCall must have succeeded too.
bool Succeeded(const CallRecord& call, bool rpc);
size_t Failures(std::span<const CallRecord> calls, bool rpc);
size_t Retransmissions(std::span<const CallRecord> calls);
// From `from` to the final response, of the calls that have both.
Spread LatencyFrom(std::span<const CallRecord> calls, std::atomic<int64_t> CallRecord::*from);

}  // namespace adieu::bench
