#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "adieu/v1/termination.pb.h"
#include "server/store/position.h"

namespace adieu::store {

// The bit of an outcome; a termination has one for each of its legs.
inline std::uint32_t OutcomeBit(v1::LegOutcome outcome) {
  const int shift = outcome;
  return shift >= 0 && shift < 32 ? std::uint32_t{1} << shift : 0;
}

inline std::uint32_t OutcomesOf(const v1::Termination& termination) {
  std::uint32_t bits = 0;
  for (const v1::LegEnding& leg : termination.legs()) bits |= OutcomeBit(leg.outcome());
  return bits;
}

// Which terminations a list is about.
struct Selection {
  // Only the older ones.
  Position before = BeyondNewest();
  // Nanoseconds since 1970: only those requested then or later.
  std::int64_t start_time = std::numeric_limits<std::int64_t>::min();
  // Empty: all.
  std::string sweep;
  // Empty: all.
  std::string policy;
  // Any of these bits. Zero: all.
  std::uint32_t outcomes = 0;

  // All but `before` and `start_time`.
  bool Wants(std::string_view row_sweep, std::string_view row_policy, std::uint32_t row_outcomes) const {
    return (sweep.empty() || sweep == row_sweep) && (policy.empty() || policy == row_policy) &&
           (outcomes == 0 || (outcomes & row_outcomes) != 0);
  }

  bool Wants(const v1::Termination& termination) const {
    const Position position = PositionOf(termination);
    return position < before && position.request_time >= start_time &&
           Wants(termination.sweep(), termination.policy(), OutcomesOf(termination));
  }
};

}  // namespace adieu::store
