#include "tests/bench/loadgen/overload.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/bench/loadgen/caller.h"
#include "tests/bench/loadgen/clock.h"
#include "tests/bench/loadgen/ender.h"
#include "tests/bench/loadgen/figures.h"
#include "tests/bench/loadgen/process_usage.h"

namespace adieu::bench {
namespace {

constexpr int64_t kT1 = kSecond / 2;
// The first INVITE and three more.
constexpr int kTries = 4;
constexpr int kUnavailable = 503;
// How often the calls under way are looked at.
constexpr int64_t kLook = 2 * kMillisecond;

int64_t Nanoseconds(double seconds) { return static_cast<int64_t>(seconds * kSecond); }

class Run {
 public:
  Run(const Target& target, const OverloadLoad& load)
      : load_(load),
        target_(target),
        records_(static_cast<size_t>(std::llround(load.rate * load.seconds))),
        tries_(records_.size(), 0),
        caller_(target.sip, NewRun(), records_),
        ender_(grpc::CreateChannel(target.grpc, grpc::InsecureChannelCredentials()), records_,
               [](size_t) {}) {}

  bool Measure(Report* report) {
    const int64_t cpu = CpuMicroseconds(target_.pid);
    Pace();
    const int64_t cpu_used = CpuMicroseconds(target_.pid) - cpu;
    const int64_t deadline = Now() + Nanoseconds(kOverloadRest);
    while (!under_way_.empty() && Now() < deadline) {
      SleepUntil(Now() + kLook);
      Look(Now());
    }
    return Tell(cpu_used, report);
  }

 private:
  void Pace() {
    begin_ = Now() + kMillisecond;
    int64_t next_look = begin_;
    for (size_t i = 0; i < records_.size(); ++i) {
      SleepUntil(begin_ + Nanoseconds(static_cast<double>(i) / load_.rate));
      caller_.Invite(i);
      tries_[i] = 1;
      under_way_.push_back(i);
      if (const int64_t now = Now(); now >= next_look) {
        Look(now);
        next_look = now + kLook;
      }
    }
    end_ = Now();
  }

  void Look(int64_t now) {
    std::erase_if(under_way_, [&](size_t i) { return Settles(i, now); });
  }

  // Does what is due. True: nothing more is to be done for this call.
  bool Settles(size_t i, int64_t now) {
    const CallRecord& call = records_[i];
    if (call.ended != 0) return call.asked == 0 || call.replied != 0;
    if (call.rang != 0) {
      if (call.asked == 0 && now >= call.rang + Nanoseconds(load_.hold)) ender_.Start(i, caller_.CallId(i));
      return false;
    }
    // T1, 3 T1, 7 T1: each pause is twice the one before.
    if (call.heard != 0 || now < call.invited + ((int64_t{1} << tries_[i]) - 1) * kT1) return false;
    if (tries_[i] == kTries) return true;
    caller_.InviteAgain(i);
    ++tries_[i];
    ++sent_again_;
    return false;
  }

  bool Tell(int64_t cpu, Report* report) const {
    size_t good = 0;
    size_t refused = 0;
    size_t unheard = 0;
    size_t wrong = 0;
    size_t good_in_time = 0;
    const int64_t from = begin_ + Nanoseconds(load_.hold);
    for (const CallRecord& call : records_.all()) {
      if (Succeeded(call, true)) {
        ++good;
        if (call.ended >= from && call.ended < end_) ++good_in_time;
      } else if (call.rang == 0 && call.status == kUnavailable && call.retry_after) {
        ++refused;
      } else if (call.heard == 0) {
        ++unheard;
      } else {
        ++wrong;
      }
    }
    const auto calls = records_.all();
    std::vector<int64_t> rings;
    for (const CallRecord& call : calls) {
      if (call.rang != 0) rings.push_back(call.rang - call.invited);
    }
    const Spread ringing = SpreadOf(std::move(rings));
    const Spread ending = LatencyFrom(calls, &CallRecord::asked);
    const auto rate = [&](size_t count, int64_t begin) {
      return static_cast<double>(count) * kSecond / static_cast<double>(std::max(kMillisecond, end_ - begin));
    };
    report->Add("rate", load_.rate, 0);
    report->Add("rate_reached", rate(records_.size(), begin_), 0);
    report->Add("goodput", rate(good_in_time, from), 0);
    report->Add("calls", records_.size());
    report->Add("good", good);
    report->Add("refused", refused);
    report->Add("unheard", unheard);
    report->Add("wrong", wrong);
    report->Add("sent_again", sent_again_);
    report->Add("ring_p50_ms", ringing.p50, 1);
    report->Add("ring_p99_ms", ringing.p99, 1);
    report->Add("end_p50_ms", ending.p50, 1);
    report->Add("end_p99_ms", ending.p99, 1);
    report->Add("cpu_part", static_cast<double>(cpu) * 1000 / static_cast<double>(end_ - begin_), 2);
    return wrong == 0;
  }

  const OverloadLoad load_;
  const Target target_;
  CallRecords records_;
  // How often the INVITE of each call was sent.
  std::vector<int> tries_;
  Caller caller_;
  Ender ender_;
  std::vector<size_t> under_way_;
  size_t sent_again_ = 0;
  int64_t begin_ = 0;
  int64_t end_ = 0;
};

}  // namespace

bool RunOverload(const Target& target, const OverloadLoad& load, Report* report) {
  return Run(target, load).Measure(report);
}

}  // namespace adieu::bench
