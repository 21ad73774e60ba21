#include "tests/bench/loadgen/figures.h"

#include <algorithm>
#include <cmath>

#include "tests/bench/loadgen/clock.h"

namespace adieu::bench {
namespace {

constexpr int kBusyHere = 486;

}  // namespace

Spread SpreadOf(std::vector<int64_t> nanoseconds) {
  if (nanoseconds.empty()) return {};
  std::sort(nanoseconds.begin(), nanoseconds.end());
  const auto at = [&](double part) {
    const double rank = std::ceil(part * static_cast<double>(nanoseconds.size()));
    const auto index = static_cast<size_t>(std::max(1.0, rank)) - 1;
    return static_cast<double>(nanoseconds[index]) / kMillisecond;
  };
  return {.p50 = at(0.5), .p99 = at(0.99), .max = at(1)};
}

void Figures::AddTo(Report* report) const {
  report->Add("calls", calls);
  report->Add("rate_reached", rate, 0);
  report->Add("p50_ms", latency.p50, 3);
  report->Add("p99_ms", latency.p99, 3);
  report->Add("max_ms", latency.max, 3);
  report->Add("failures", failures);
  report->Add("retransmissions", retransmissions);
  report->Add("cpu_us_per_call", cpu_us, 0);
  report->Add("cpu_us", total_cpu_us);
  report->Add("growth_kb", growth_kb);
  report->Add("flood", flood);
}

bool Succeeded(const CallRecord& call, bool rpc) {
  return call.rang != 0 && call.ended != 0 && call.status == kBusyHere && (!rpc || call.reply_code == 0);
}

size_t Failures(std::span<const CallRecord> calls, bool rpc) {
  return static_cast<size_t>(std::count_if(calls.begin(), calls.end(),
                                           [rpc](const CallRecord& call) { return !Succeeded(call, rpc); }));
}

size_t Retransmissions(std::span<const CallRecord> calls) {
  size_t count = 0;
  for (const CallRecord& call : calls) count += static_cast<size_t>(std::max(0, call.finals - 1));
  return count;
}

Spread LatencyFrom(std::span<const CallRecord> calls, std::atomic<int64_t> CallRecord::*from) {
  std::vector<int64_t> times;
  times.reserve(calls.size());
  for (const CallRecord& call : calls) {
    if (call.*from != 0 && call.ended != 0) times.push_back(call.ended - call.*from);
  }
  return SpreadOf(std::move(times));
}

}  // namespace adieu::bench
