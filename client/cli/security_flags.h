#pragma once

#include <CLI/App.hpp>
#include <string>

#include "client/adieu/security.h"

namespace adieu::cli {

// The options about TLS and tokens, which every command shares.
class SecurityFlags {
 public:
  void AddTo(CLI::App& app);

  // What they say for this server, their files read. CLI::ValidationError: a file cannot be read, options do
  // not go together, or a token would be sent in plaintext to another machine.
  client::Security Read(const std::string& server) const;

 private:
  bool tls_ = false;
  std::string ca_;
  std::string certificate_;
  std::string key_;
  std::string server_name_;
  std::string token_;
  bool insecure_token_ = false;
};

}  // namespace adieu::cli
