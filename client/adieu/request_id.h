#pragma once

#include <string>

namespace adieu::client {

// A random UUID (RFC 4122 4.4), as the writing methods take for a request_id. Thread-safe.
std::string NewRequestId();

}  // namespace adieu::client
