#pragma once

#include <string>

#include "server/base/error.h"

namespace adieu::config {

// What a file holds, cut one byte above kMaxYamlBytes, so that ParseYaml sees that it is too large.
// INVALID_ARGUMENT (CONFIG_UNREADABLE). Reads the file, blocking.
base::Result<std::string> ReadYamlFile(const std::string& path);

}  // namespace adieu::config
