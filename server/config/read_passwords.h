#pragma once

#include <optional>

#include "adieu/config/v1/config.pb.h"
#include "server/base/error.h"
#include "server/config/origins.h"

namespace adieu::config {

// Fills in `password` of every credential from its `password_file` (read_secret_file.h). CONFIG_INVALID with
// every file that is no good (problems.h). `config` is complete and checked.
std::optional<base::Error> ReadPasswords(const Origins& origins, v1::Config* config);

}  // namespace adieu::config
