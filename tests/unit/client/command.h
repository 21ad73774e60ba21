#pragma once

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "client/cli/run.h"
#include "tests/unit/client/fake_service.h"

namespace adieu::cli {

// What one run of the program left.
struct Ran {
  int exit = -1;
  std::string out;
  std::string err;
};

// Runs `adieu` with these arguments.
inline Ran Command(const std::vector<std::string>& args, bool colour = false, const std::string& in = "",
                   bool progress = false) {
  std::ostringstream out, err;
  std::istringstream input(in);
  const int exit = Run(args, out, err, colour, input, progress);
  return {exit, out.str(), err.str()};
}

// Runs `adieu` against the fake server, with 30 s for a busy machine.
inline Ran Command(client::FakeServer& server, std::vector<std::string> args, bool colour = false,
                   const std::string& in = "", bool progress = false) {
  args.insert(args.begin(), {"--server", server.address(), "--timeout", "30s"});
  return Command(args, colour, in, progress);
}

}  // namespace adieu::cli
