#pragma once

#include <chrono>
#include <functional>
#include <istream>
#include <optional>
#include <ostream>
#include <string>

#include "client/adieu/client.h"
#include "client/adieu/security.h"

namespace adieu::cli {

// What Run() returns, fixed for scripts.
enum Exit {
  kOk = 0,
  // The server said no; `policies diff`: there is a difference.
  kRefused = 1,
  // The command line is wrong, or a file that it names.
  kUsage = 2,
  // No answer from the server.
  kUnreachable = 3,
  // By SIGINT or SIGTERM, before all was done.
  kInterrupted = 130,
};

enum class Output { kTable, kJson, kYaml };

// One run of the program: its streams and the options that every command shares. Made by Run(), filled while
// the command line is parsed, used by the one command that was given.
struct Session {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  // Tables may carry ANSI colours.
  bool colour = false;
  // `err` is a terminal that may show how far a command is.
  bool progress = false;
  std::string server = "127.0.0.1:50051";
  client::Security security = {};
  Output output = Output::kTable;
  // Absent: the command's own default.
  std::optional<std::chrono::milliseconds> timeout = {};
  // The command, set by its parser, run when the whole line was understood. Returns an Exit.
  std::function<int()> command = {};

  client::Client Connect(std::chrono::milliseconds default_timeout = std::chrono::seconds(10)) const {
    return client::Client::Connect(server, {.deadline = timeout.value_or(default_timeout)}, security);
  }
};

}  // namespace adieu::cli
