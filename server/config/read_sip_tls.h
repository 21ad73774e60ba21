#pragma once

#include <optional>
#include <string>

#include "adieu/config/v1/config.pb.h"
#include "server/base/error.h"
#include "server/config/origins.h"
#include "server/config/problems.h"

namespace adieu::config {

// Fills in what the files of every listener's `tls.certificate_dir` hold: in PEM, good, and the key goes with
// the certificate. CONFIG_INVALID with every file that is no good (problems.h). `config` is complete and
// checked. Reads the files, blocking.
std::optional<base::Error> ReadSipTls(const Origins& origins, v1::Config* config);

// The same for one of them; `path` is that of `tls` in messages.
void ReadListenerTls(const std::string& path, v1::ListenerTls* tls, Problems* problems);

// The files of the directory that are read.
inline constexpr char kAgentPem[] = "agent.pem";
inline constexpr char kCafilePem[] = "cafile.pem";

}  // namespace adieu::config
