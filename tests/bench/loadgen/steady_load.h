#pragma once

#include <cstddef>

#include "tests/bench/loadgen/figures.h"
#include "tests/bench/loadgen/flood.h"
#include "tests/bench/loadgen/target.h"

namespace adieu::bench {

// As many calls come as are ended, `rate` per second each, while about `ringing` ring.
struct SteadyLoad {
  double rate = 0;
  // How long calls are ended; the time until the first `ringing` calls ring comes before.
  double seconds = 0;
  size_t ringing = 0;
  // What is sent beside the calls while they are ended.
  FloodLoad flood = {};
};

// Runs the load, ends every call that is left, and waits for what is retransmitted.
Figures RunSteadyLoad(const Target& target, const SteadyLoad& load);

}  // namespace adieu::bench
