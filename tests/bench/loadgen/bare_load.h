#pragma once

#include "tests/bench/loadgen/figures.h"
#include "tests/bench/loadgen/target.h"

namespace adieu::bench {

// Calls at this rate to a server that lets each ring and ends it by itself. The latency counts from the
// INVITE.
Figures RunBareLoad(const Target& target, double rate, double seconds);

}  // namespace adieu::bench
