#include "tests/bench/loadgen/sweep_load.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <span>
#include <thread>

#include "adieu/v1/call_control_service.grpc.pb.h"
#include "tests/bench/loadgen/caller.h"
#include "tests/bench/loadgen/clock.h"
#include "tests/bench/loadgen/ender.h"
#include "tests/bench/loadgen/figures.h"
#include "tests/bench/loadgen/process_usage.h"
#include "tests/bench/loadgen/ringing.h"
#include "tests/bench/loadgen/steady_load.h"

namespace adieu::bench {
namespace {

// Calls that the sweep leaves to TerminateCall, and how far apart these requests are.
constexpr size_t kOthers = 20;
constexpr int64_t kOthersApart = 10 * kMillisecond;
constexpr int64_t kRetransmissionsSeen = 700 * kMillisecond;

struct Swept {
  v1::ApplyCancelPolicyResponse last;
  size_t told = 0;
  int64_t begin = 0;
  int64_t replied = 0;
};

// Every call of the caller but the last ones.
Swept Sweep(const std::shared_ptr<grpc::Channel>& channel, const Caller& caller, size_t calls, double rate) {
  v1::ApplyCancelPolicyRequest request;
  auto& ids = *request.mutable_match()->mutable_none_of()->add_matches()->mutable_sip_call_ids();
  for (size_t i = 0; i < kOthers; ++i) ids.add_values(caller.CallId(calls + i));
  request.set_intent(v1::INTENT_BUSY);
  request.set_max_calls(static_cast<int>(calls));
  request.set_calls_per_second(rate);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(5));
  const auto stub = v1::CallControlService::NewStub(channel);
  Swept swept{.begin = Now()};
  const auto stream = stub->ApplyCancelPolicy(&context, request);
  for (v1::ApplyCancelPolicyResponse response; stream->Read(&response);) {
    swept.told += static_cast<size_t>(response.terminations_size());
    swept.last = response;
  }
  swept.replied = Now();
  const grpc::Status status = stream->Finish();
  if (!status.ok()) std::fprintf(stderr, "ApplyCancelPolicy: %s\n", status.error_message().c_str());
  return swept;
}

}  // namespace

bool RunSweep(const Target& target, size_t calls, double rate, double invites_per_second, Report* report) {
  // What the first calls cost once is no cost of the sweep.
  RunSteadyLoad(target, {.rate = 100, .seconds = 1, .ringing = 50});
  const auto channel = grpc::CreateChannel(target.grpc, grpc::InsecureChannelCredentials());
  CallRecords records(calls + kOthers);
  Caller caller(target.sip, NewRun(), records);
  Ring(caller, records, invites_per_second);

  const int64_t cpu = CpuMicroseconds(target.pid);
  std::thread others([&] {
    Ender ender(channel, records, [](size_t) {});
    for (size_t i = calls; i < records.size(); ++i) {
      SleepUntil(Now() + kOthersApart);
      ender.Start(i, caller.CallId(i));
    }
  });
  const Swept swept = Sweep(channel, caller, calls, rate);
  others.join();
  WaitFor([&] { return Failures(records.first(calls), false) == 0; });
  const int64_t end_cpu = CpuMicroseconds(target.pid) - cpu;
  SleepUntil(Now() + kRetransmissionsSeen);

  const auto ended = records.first(calls);
  int64_t first = INT64_MAX;
  int64_t last = swept.begin;
  for (const CallRecord& call : ended) {
    if (call.ended == 0) continue;
    first = std::min<int64_t>(first, call.ended);
    last = std::max<int64_t>(last, call.ended);
  }
  const auto seconds = [](int64_t from, int64_t to) { return static_cast<double>(to - from) / kSecond; };
  const size_t lost = Failures(ended, false);
  const auto meanwhile = std::span<const CallRecord>(records.all()).subspan(calls);
  const Spread others_latency = LatencyFrom(meanwhile, &CallRecord::asked);
  report->Add("calls", calls);
  report->Add("rate", rate, 0);
  report->Add("end_seconds", seconds(swept.begin, last), 3);
  report->Add("replied_seconds", seconds(swept.begin, swept.replied), 3);
  report->Add("rate_reached", static_cast<double>(calls - 1) / std::max(seconds(first, last), 1e-9), 1);
  report->Add("ended_count", swept.last.ended_count());
  report->Add("told", swept.told);
  report->Add("lost", lost);
  report->Add("retransmissions", Retransmissions(records.all()));
  report->Add("cpu_us_per_call", static_cast<double>(end_cpu) / static_cast<double>(calls), 0);
  report->Add("others_p50_ms", others_latency.p50, 1);
  report->Add("others_max_ms", others_latency.max, 1);
  report->Add("others_lost", Failures(meanwhile, true));
  return lost == 0 && static_cast<size_t>(swept.last.ended_count()) == calls && swept.told == calls &&
         Failures(meanwhile, true) == 0;
}

}  // namespace adieu::bench
