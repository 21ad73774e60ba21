#pragma once

#include "tests/bench/loadgen/report.h"
#include "tests/bench/loadgen/target.h"

namespace adieu::bench {

// Calls come whatever becomes of them: each is ended `hold` seconds after its 180, one that is refused is
// gone, and an INVITE that hears nothing is sent again after 0.5 s, 1 s and 2 s (RFC 3261 17.1.1.2), then
// given up.
struct OverloadLoad {
  // Calls per second.
  double rate = 0;
  double seconds = 0;
  double hold = 0.5;
};

// Runs the load, and at most `kOverloadRest` seconds longer, until every call is settled. False: a call that
// rang was not ended as it was asked for, or one was refused otherwise than by 503 with Retry-After.
bool RunOverload(const Target& target, const OverloadLoad& load, Report* report);

inline constexpr double kOverloadRest = 5;

}  // namespace adieu::bench
