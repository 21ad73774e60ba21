#pragma once

#include <cstddef>

#include "tests/bench/loadgen/report.h"
#include "tests/bench/loadgen/target.h"

namespace adieu::bench {

// Lets so many calls ring at once and ends them with one ApplyCancelPolicy, `rate` calls per second; zero: as
// fast as it goes. Meanwhile further calls are ended by TerminateCall. Fills the report. False: a call was
// lost, or the sweep counted otherwise.
bool RunSweep(const Target& target, size_t calls, double rate, double invites_per_second, Report* report);

}  // namespace adieu::bench
