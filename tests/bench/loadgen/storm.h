#pragma once

#include <cstddef>

#include "tests/bench/loadgen/report.h"
#include "tests/bench/loadgen/target.h"

namespace adieu::bench {

// Lets so many calls ring at once, sees that ListCalls lists them all, and ends them with one RPC each, 256
// of them outstanding. Fills the report. False: a call was not listed, or lost.
bool RunStorm(const Target& target, size_t calls, double invites_per_second, Report* report);

}  // namespace adieu::bench
