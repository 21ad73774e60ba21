#include "tests/bench/loadgen/steady_load.h"

#include <grpcpp/grpcpp.h>

#include <cmath>
#include <limits>
#include <optional>

#include "tests/bench/loadgen/caller.h"
#include "tests/bench/loadgen/clock.h"
#include "tests/bench/loadgen/ender.h"
#include "tests/bench/loadgen/outstanding.h"
#include "tests/bench/loadgen/process_usage.h"

namespace adieu::bench {
namespace {

constexpr int64_t kPatience = 5 * kSecond;
// A final response is sent again after T1, 0.5 s.
constexpr int64_t kRetransmissionsSeen = 700 * kMillisecond;
constexpr size_t kLeftoversAtOnce = 64;
constexpr double kGoldenRatio = 0.6180339887498949;

class Run {
 public:
  Run(const Target& target, const SteadyLoad& load)
      : load_(load),
        measured_(static_cast<size_t>(std::llround(load.rate * load.seconds))),
        records_(measured_ + load.ringing),
        target_(target),
        pid_(target.pid),
        caller_(target.sip, NewRun(), records_),
        ender_(grpc::CreateChannel(target.grpc, grpc::InsecureChannelCredentials()), records_,
               [this](size_t) { outstanding_.Ended(); }) {}

  Figures Measure() {
    Pace();
    WaitForMeasured();
    const size_t flooded = flood_ ? flood_->Stop() : 0;
    const int64_t cpu = CpuMicroseconds(pid_) - cpu_before_;
    const int64_t growth = ResidentKilobytes(pid_) - memory_before_;
    EndLeftovers();
    SleepUntil(Now() + kRetransmissionsSeen);
    const auto calls = records_.first(measured_);
    return {.calls = measured_,
            .latency = LatencyFrom(calls, &CallRecord::asked),
            .failures = Failures(calls, true),
            .retransmissions = Retransmissions(calls),
            .cpu_us = static_cast<double>(cpu) / static_cast<double>(measured_),
            .rate = static_cast<double>(measured_) * kSecond / static_cast<double>(pace_end_ - pace_begin_),
            .flood = flooded,
            .total_cpu_us = cpu,
            .growth_kb = growth};
  }

 private:
  // Calls come at even distances, their ends at every phase between: neither always together nor always
  // apart.
  int64_t InviteTime(size_t i) const {
    return begin_ + static_cast<int64_t>(static_cast<double>(i) * kSecond / load_.rate);
  }
  int64_t EndTime(size_t i) const {
    const double phase = std::fmod(static_cast<double>(i) * kGoldenRatio, 1.0);
    const double place = static_cast<double>(load_.ringing + i) + phase;
    return begin_ + static_cast<int64_t>(place * kSecond / load_.rate);
  }

  void Pace() {
    begin_ = Now() + kMillisecond;
    size_t invited = 0;
    size_t ended = 0;
    while (ended < measured_) {
      const int64_t invite =
          invited < records_.size() ? InviteTime(invited) : std::numeric_limits<int64_t>::max();
      const int64_t end = EndTime(ended);
      SleepUntil(std::min(invite, end));
      if (invite <= end) {
        caller_.Invite(invited++);
        continue;
      }
      if (ended == 0) BeginMeasuring();
      End(ended++);
    }
    pace_end_ = Now();
    while (invited < records_.size()) caller_.Invite(invited++);
  }

  void BeginMeasuring() {
    pace_begin_ = Now();
    cpu_before_ = CpuMicroseconds(pid_);
    memory_before_ = ResidentKilobytes(pid_);
    if (!load_.flood.from.empty()) flood_.emplace(target_.sip, load_.flood);
  }

  void End(size_t index) {
    if (records_[index].rang == 0) return;
    outstanding_.Began();
    ender_.Start(index, caller_.CallId(index));
  }

  void WaitForMeasured() {
    const int64_t deadline = Now() + kPatience;
    outstanding_.WaitBelow(1, kPatience);
    while (Failures(records_.first(measured_), true) > 0 && Now() < deadline)
      SleepUntil(Now() + kMillisecond);
  }

  // A call whose 180 was late rings too.
  void EndLeftovers() {
    for (size_t i = 0; i < records_.size(); ++i) {
      const CallRecord& call = records_[i];
      if (call.rang == 0 || call.ended != 0 || !outstanding_.WaitBelow(kLeftoversAtOnce, kPatience)) continue;
      End(i);
    }
    outstanding_.WaitBelow(1, kPatience);
  }

  const SteadyLoad load_;
  const size_t measured_;
  CallRecords records_;
  const Target target_;
  const pid_t pid_;
  Outstanding outstanding_;
  Caller caller_;
  Ender ender_;
  int64_t begin_ = 0;
  int64_t pace_begin_ = 0;
  int64_t pace_end_ = 0;
  int64_t cpu_before_ = 0;
  int64_t memory_before_ = 0;
  std::optional<Flood> flood_;
};

}  // namespace

Figures RunSteadyLoad(const Target& target, const SteadyLoad& load) { return Run(target, load).Measure(); }

}  // namespace adieu::bench
