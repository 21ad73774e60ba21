#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

#include "tests/bench/loadgen/report.h"

namespace adieu::bench {

// What calls go through.
struct Through {
  // `host:port`; empty: nothing is between.
  std::string server;
  // Its processes. Empty: there are none.
  std::vector<pid_t> pids;
  // The callee's bound socket; the server sends every call there.
  int callee_fd = -1;
};

// Calls at this rate for so long, each answered and ended. True: each went as it should, no message came
// twice.
bool RunThroughLoad(const Through& through, double rate, double seconds, Report* report);

// The highest rate, to within 7 %, at which RunThroughLoad is true; 0: none. Reports the run at it.
double SearchThroughRate(const Through& through, double from, double seconds, Report* report);

// So many calls are answered, stay, and are ended; then nothing comes for `rest` seconds. Reports the memory
// of the processes at each of these. True: no call was lost.
bool RunThroughStorm(const Through& through, size_t calls, double rate, double rest, Report* report);

}  // namespace adieu::bench
