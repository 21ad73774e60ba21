#pragma once

#include <optional>
#include <string>
#include <vector>

namespace adieu::config {

// The command line of adieud. What was not given is absent; nothing is checked here but the form.
struct Flags {
  std::optional<std::string> config;
  std::vector<std::string> sip_listen;
  std::optional<std::string> grpc_listen;
  std::optional<std::string> metrics_listen;
  std::optional<std::string> instance;
  std::optional<std::string> store;
  bool insecure_api = false;
  std::optional<std::string> log_level;
  std::optional<std::string> log_format;
  // Check the configuration and exit.
  bool check = false;
};

// The program has nothing more to do.
struct Exit {
  // 0: `text` is for stdout; 2, a wrong command line: for stderr.
  int code = 0;
  // Ends in a newline.
  std::string text;
};

struct CommandLine {
  Flags flags;
  // --help, --version, or a wrong command line.
  std::optional<Exit> exit;
};

// Reads argv; argv[0] is the program. Pure.
CommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace adieu::config
