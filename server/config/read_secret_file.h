#pragma once

#include <string>

#include "server/base/error.h"

namespace adieu::config {

// What a file of one secret holds: 1 to 4,096 bytes of UTF-8 without `"`, `\`, `:` and control characters;
// one newline at its end is dropped. INVALID_ARGUMENT (SECRET_INVALID, or as ReadFile); the message is one
// clause with the path and without anything of the content. Reads the file, blocking.
base::Result<std::string> ReadSecretFile(const std::string& path);

}  // namespace adieu::config
