#include "tests/bench/loadgen/storm.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>

#include "tests/bench/loadgen/caller.h"
#include "tests/bench/loadgen/clock.h"
#include "tests/bench/loadgen/ender.h"
#include "tests/bench/loadgen/figures.h"
#include "tests/bench/loadgen/listing.h"
#include "tests/bench/loadgen/outstanding.h"
#include "tests/bench/loadgen/process_usage.h"
#include "tests/bench/loadgen/ringing.h"
#include "tests/bench/loadgen/steady_load.h"

namespace adieu::bench {
namespace {

constexpr size_t kAtOnce = 256;
constexpr int64_t kRetransmissionsSeen = 700 * kMillisecond;

// Seconds from the first request to the last final response.
double EndAll(const Target& target, const std::shared_ptr<grpc::Channel>& channel, const Caller& caller,
              CallRecords& records) {
  std::atomic<size_t> next{0};
  Outstanding outstanding;
  Ender* starter = nullptr;
  const auto start_next = [&] {
    const size_t i = next++;
    if (i >= records.size()) return;
    outstanding.Began();
    starter->Start(i, caller.CallId(i));
  };
  Ender ender(channel, records, [&](size_t) {
    start_next();
    outstanding.Ended();
  });
  starter = &ender;
  const int64_t begin = Now();
  for (size_t i = 0; i < std::min(kAtOnce, records.size()); ++i) start_next();
  outstanding.WaitBelow(1, kRingPatience);
  WaitFor([&] { return Failures(records.all(), true) == 0 || CpuMicroseconds(target.pid) == 0; });
  int64_t last = begin;
  for (const CallRecord& call : records.all()) last = std::max<int64_t>(last, call.ended);
  return static_cast<double>(last - begin) / kSecond;
}

}  // namespace

bool RunStorm(const Target& target, size_t calls, double invites_per_second, Report* report) {
  // What the first calls allocate once is not memory per call.
  RunSteadyLoad(target, {.rate = 100, .seconds = 1, .ringing = 50});
  const auto channel = grpc::CreateChannel(target.grpc, grpc::InsecureChannelCredentials());
  const std::string run = NewRun();
  CallRecords records(calls);
  Caller caller(target.sip, run, records);

  const int64_t memory_before = ResidentKilobytes(target.pid);
  int64_t cpu = CpuMicroseconds(target.pid);
  Ring(caller, records, invites_per_second);
  const int64_t ring_cpu = CpuMicroseconds(target.pid) - cpu;
  const int64_t memory_ringing = ResidentKilobytes(target.pid);
  const Listing listing = ListRinging(channel, run);

  cpu = CpuMicroseconds(target.pid);
  const double seconds = EndAll(target, channel, caller, records);
  const int64_t end_cpu = CpuMicroseconds(target.pid) - cpu;
  SleepUntil(Now() + kRetransmissionsSeen);

  const size_t lost = Failures(records.all(), true);
  const auto per_call = [calls](int64_t value) {
    return static_cast<double>(value) / static_cast<double>(calls);
  };
  report->Add("calls", calls);
  report->Add("listed", listing.calls);
  report->Add("list_seconds", listing.seconds, 3);
  report->Add("end_seconds", seconds, 3);
  report->Add("lost", lost);
  report->Add("retransmissions", Retransmissions(records.all()));
  const Spread latency = LatencyFrom(records.all(), &CallRecord::asked);
  report->Add("p50_ms", latency.p50, 1);
  report->Add("max_ms", latency.max, 1);
  report->Add("kb_per_ringing_call", per_call(memory_ringing - memory_before), 1);
  report->Add("rss_mb_before", static_cast<double>(memory_before) / 1024, 0);
  report->Add("rss_mb_ringing", static_cast<double>(memory_ringing) / 1024, 0);
  report->Add("rss_mb_after", static_cast<double>(ResidentKilobytes(target.pid)) / 1024, 0);
  report->Add("cpu_us_per_ring", per_call(ring_cpu), 0);
  report->Add("cpu_us_per_end", per_call(end_cpu), 0);
  report->Add("cpu_us_per_call", per_call(ring_cpu + end_cpu), 0);
  return lost == 0 && listing.calls == calls;
}

}  // namespace adieu::bench
