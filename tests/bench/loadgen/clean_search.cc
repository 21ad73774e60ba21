#include "tests/bench/loadgen/clean_search.h"

#include <optional>

#include "tests/bench/loadgen/steady_load.h"

namespace adieu::bench {
namespace {

constexpr double kLowest = 50;
constexpr double kStep = 1.5;
constexpr double kPrecision = 1.07;
constexpr int kTries = 2;
// The generator itself must keep up.
constexpr double kRateKept = 0.98;

std::optional<Figures> Hold(const Target& target, double rate, double seconds) {
  for (int i = 0; i < kTries; ++i) {
    const Figures figures =
        RunSteadyLoad(target, {.rate = rate, .seconds = seconds, .ringing = static_cast<size_t>(rate)});
    const bool held = figures.clean() && figures.rate >= kRateKept * rate;
    Report report(held ? "  held" : "  not held");
    report.Add("rate", rate, 0);
    figures.AddTo(&report);
    report.PrintLine();
    if (held) return figures;
  }
  return std::nullopt;
}

}  // namespace

Figures SearchCleanRate(const Target& target, double from, double seconds) {
  double held = 0;
  double failed = 0;
  Figures best;
  const auto try_rate = [&](double rate) {
    if (const auto figures = Hold(target, rate, seconds)) {
      held = rate;
      best = *figures;
    } else {
      failed = rate;
    }
  };
  for (double rate = from; failed == 0; rate *= kStep) try_rate(rate);
  for (double rate = from / kStep; held == 0 && rate >= kLowest; rate /= kStep) try_rate(rate);
  while (held != 0 && failed / held > kPrecision) try_rate((held + failed) / 2);
  return best;
}

}  // namespace adieu::bench
