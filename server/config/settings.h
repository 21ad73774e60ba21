#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adieu/config/v1/access.pb.h"
#include "adieu/config/v1/config.pb.h"
#include "adieu/v1/cancel_policy.pb.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/config/flags.h"
#include "server/config/origins.h"
#include "server/config/read_tls.h"

namespace adieu::config {

// One file of `policies.directory`, and where its values were written.
struct PolicyFile {
  adieu::v1::CancelPolicy policy;
  Origins origins;
};

// A configuration and where its values come from: `origins` is for messages about them.
struct Settings {
  v1::Config config;
  Origins origins;
  // In the order of the file names.
  std::vector<PolicyFile> policies;
  // The files of `api.tls`. Absent: plaintext.
  std::optional<TlsFiles> tls;
  // What `api.tokens_file` says. Absent: there is none.
  std::optional<v1::Access> access;
};

// What adieud runs with: the file that the flags name (none: nothing but defaults), the flags over it,
// completed and checked, and the files that it names read. Every error's message is ready to print, one line
// per problem: INVALID_ARGUMENT (CONFIG_INVALID, CONFIG_UNREADABLE).
base::Result<Settings> LoadSettings(const Flags& flags);

// The same without flags.
base::Result<v1::Config> LoadConfig(const std::string& path);

// The text alone, as written: neither completed nor checked. `name` stands for the file in messages.
base::Result<Settings> ParseConfig(std::string_view text, const std::string& name);

// For base::ConfigureLog. `log` is complete and checked.
base::LogOptions LogOptionsOf(const v1::Log& log);

}  // namespace adieu::config
