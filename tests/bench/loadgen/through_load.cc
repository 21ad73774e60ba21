#include "tests/bench/loadgen/through_load.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "tests/bench/loadgen/clock.h"
#include "tests/bench/loadgen/figures.h"
#include "tests/bench/loadgen/process_usage.h"
#include "tests/bench/loadgen/through_phones.h"

namespace adieu::bench {
namespace {

constexpr int64_t kRing = 50 * kMillisecond;
// From the INVITE.
constexpr int64_t kHold = 200 * kMillisecond;
constexpr int64_t kPatience = 4 * kSecond;
constexpr int64_t kRetransmissionsSeen = 700 * kMillisecond;

constexpr double kLowest = 50;
constexpr double kStep = 1.4;
constexpr double kPrecision = 1.07;
constexpr int kTries = 2;
// The generator itself must keep up.
constexpr double kRateKept = 0.97;

int64_t Cpu(const Through& through) {
  int64_t sum = 0;
  for (const pid_t pid : through.pids) sum += CpuMicroseconds(pid);
  return sum;
}

double Megabytes(const Through& through) {
  int64_t sum = 0;
  for (const pid_t pid : through.pids) sum += ResidentKilobytes(pid);
  return static_cast<double>(sum) / 1024;
}

int64_t TimeOf(int64_t begin, size_t index, double rate) {
  return begin + static_cast<int64_t>(static_cast<double>(index) * kSecond / rate);
}

size_t Lost(const std::vector<ThroughCall>& calls) {
  return static_cast<size_t>(std::count_if(calls.begin(), calls.end(), [](const ThroughCall& call) {
    const bool whole =
        std::all_of(call.came.begin(), call.came.end(), [](int64_t time) { return time != 0; });
    return !whole || call.done == 0 || call.refused;
  }));
}

size_t Repeats(const std::vector<ThroughCall>& calls) {
  size_t sum = 0;
  for (const ThroughCall& call : calls) sum += static_cast<size_t>(call.repeats);
  return sum;
}

std::vector<int64_t> Delays(const std::vector<ThroughCall>& calls, size_t hop) {
  std::vector<int64_t> delays;
  for (const ThroughCall& call : calls) {
    if (call.came[hop] != 0) delays.push_back(call.came[hop] - call.sent[hop]);
  }
  return delays;
}

void AddDelays(const std::vector<ThroughCall>& calls, Report* report) {
  constexpr const char* kNames[kHops] = {"invite", "ringing", "answer", "ack", "bye"};
  std::vector<int64_t> all;
  for (size_t hop = 0; hop < kHops; ++hop) {
    const std::vector<int64_t> delays = Delays(calls, hop);
    all.insert(all.end(), delays.begin(), delays.end());
    report->Add(std::string(kNames[hop]) + "_p50_ms", SpreadOf(delays).p50, 3);
  }
  const Spread spread = SpreadOf(all);
  report->Add("p50_ms", spread.p50, 3);
  report->Add("p99_ms", spread.p99, 3);
}

struct Trial {
  Report report;
  bool clean;
};

Trial Try(const Through& through, double rate, double seconds) {
  const auto count = static_cast<size_t>(std::llround(rate * seconds));
  ThroughPhones phones(through.server, through.callee_fd, count, kRing);
  const int64_t cpu_before = Cpu(through);
  const int64_t begin = Now() + kMillisecond;
  size_t invited = 0;
  size_t ended = 0;
  int64_t last_invite = begin;
  while (ended < count) {
    const int64_t bye = TimeOf(begin, ended, rate) + kHold;
    const bool invites = invited < count && TimeOf(begin, invited, rate) <= bye;
    phones.RunUntil(invites ? TimeOf(begin, invited, rate) : bye);
    if (invites) {
      last_invite = Now();
      phones.Invite(invited++);
      continue;
    }
    if (phones.calls()[ended].has(Hop::kAnswer)) phones.Bye(ended);
    ++ended;
  }
  const int64_t deadline = Now() + kPatience;
  while (phones.done() < count && Now() < deadline) phones.RunUntil(Now() + kMillisecond);
  const int64_t cpu = Cpu(through) - cpu_before;
  phones.RunUntil(Now() + kRetransmissionsSeen);
  // What missed its time is ended too.
  for (size_t i = 0; i < count; ++i) {
    const ThroughCall& call = phones.calls()[i];
    if (call.has(Hop::kAnswer) && call.sent[static_cast<size_t>(Hop::kBye)] == 0) phones.Bye(i);
    phones.RunUntil(Now());
  }
  const double reached = static_cast<double>(count) * kSecond / static_cast<double>(last_invite - begin);
  const size_t lost = Lost(phones.calls());
  const size_t repeats = Repeats(phones.calls());
  Trial trial{.report = Report("through"), .clean = lost == 0 && repeats == 0 && reached >= kRateKept * rate};
  trial.report.Add("rate", rate, 0);
  trial.report.Add("calls", count);
  trial.report.Add("lost", lost);
  trial.report.Add("retransmissions", repeats);
  trial.report.Add("cpu_us_per_call", static_cast<double>(cpu) / static_cast<double>(count), 0);
  AddDelays(phones.calls(), &trial.report);
  trial.report.PrintLine();
  return trial;
}

}  // namespace

bool RunThroughLoad(const Through& through, double rate, double seconds, Report* report) {
  const Trial trial = Try(through, rate, seconds);
  *report = trial.report;
  return trial.clean;
}

double SearchThroughRate(const Through& through, double from, double seconds, Report* report) {
  double held = 0;
  double failed = 0;
  const auto try_rate = [&](double rate) {
    for (int i = 0; i < kTries; ++i) {
      const Trial trial = Try(through, rate, seconds);
      if (!trial.clean) continue;
      held = rate;
      *report = trial.report;
      return;
    }
    failed = rate;
  };
  for (double rate = from; failed == 0; rate *= kStep) try_rate(rate);
  for (double rate = from / kStep; held == 0 && rate >= kLowest; rate /= kStep) try_rate(rate);
  while (held != 0 && failed / held > kPrecision) try_rate((held + failed) / 2);
  return held;
}

bool RunThroughStorm(const Through& through, size_t calls, double rate, double rest, Report* report) {
  // What the first calls allocate once is not memory per call.
  Try(through, 100, 1);
  ThroughPhones phones(through.server, through.callee_fd, calls, kRing);
  const double before = Megabytes(through);
  int64_t begin = Now();
  for (size_t i = 0; i < calls; ++i) {
    phones.RunUntil(TimeOf(begin, i, rate));
    phones.Invite(i);
  }
  int64_t deadline = Now() + kPatience;
  while (phones.answered() < calls && Now() < deadline) phones.RunUntil(Now() + kMillisecond);
  const double answered = Megabytes(through);
  begin = Now();
  for (size_t i = 0; i < calls; ++i) {
    phones.RunUntil(TimeOf(begin, i, rate));
    if (phones.calls()[i].has(Hop::kAnswer)) phones.Bye(i);
  }
  deadline = Now() + kPatience;
  while (phones.done() < calls && Now() < deadline) phones.RunUntil(Now() + kMillisecond);
  const double ended = Megabytes(through);
  phones.RunUntil(Now() + static_cast<int64_t>(rest * kSecond));
  const size_t lost = Lost(phones.calls());
  report->Add("calls", calls);
  report->Add("lost", lost);
  report->Add("retransmissions", Repeats(phones.calls()));
  report->Add("kb_per_answered_call", (answered - before) * 1024 / static_cast<double>(calls), 1);
  report->Add("rss_mb_before", before, 0);
  report->Add("rss_mb_answered", answered, 0);
  report->Add("rss_mb_ended", ended, 0);
  report->Add("rss_mb_rested", Megabytes(through), 0);
  return lost == 0;
}

}  // namespace adieu::bench
