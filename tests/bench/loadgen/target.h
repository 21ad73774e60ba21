#pragma once

#include <sys/types.h>

#include <string>

namespace adieu::bench {

// What is measured.
struct Target {
  // Where it takes UDP, `host:port`.
  std::string sip;
  // Where it serves gRPC, `host:port`. Empty: it has none.
  std::string grpc;
  // Its process, for CPU time and memory.
  pid_t pid = 0;
};

// A name for one trial that no earlier one had.
std::string NewRun();

}  // namespace adieu::bench
