#include "server/engine/sweep_pace.h"

namespace adieu::engine {

bool SweepPace::Take(Clock::time_point now) {
  const Clock::time_point next = Next();
  if (now < next) return false;
  if (now - next > kMaxLate) begin_ += now - next - kMaxLate;
  ++taken_;
  return true;
}

SweepPace::Clock::time_point SweepPace::Next() const {
  if (rate_ <= 0) return begin_;
  const std::chrono::duration<double> after(static_cast<double>(taken_) / rate_);
  return begin_ + std::chrono::duration_cast<Clock::duration>(after);
}

}  // namespace adieu::engine
