#pragma once

#include <cstddef>
#include <string>

#include "server/base/error.h"

namespace adieu::config {

// What a file holds. INVALID_ARGUMENT (FILE_UNREADABLE, FILE_TOO_LARGE); the message is one clause with the
// path and without anything of the content. Reads the file, blocking.
base::Result<std::string> ReadFile(const std::string& path, size_t max_bytes);

}  // namespace adieu::config
