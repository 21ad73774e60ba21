#pragma once

#include "tests/bench/loadgen/figures.h"
#include "tests/bench/loadgen/target.h"

namespace adieu::bench {

// Searches the highest rate that is held for `seconds` with every call ended and no retransmission, to within
// 7 %, while as many calls ring as come in a second. A rate has two tries: one stumble of the machine is not
// the server's. Zero calls: not even the lowest rate, 50 per second, was held.
Figures SearchCleanRate(const Target& target, double from, double seconds);

}  // namespace adieu::bench
