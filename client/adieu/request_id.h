#pragma once

#include <string>

namespace adieu::client {

// A random UUID (RFC 4122 4.4), as TerminateCall takes for a request_id. Thread-safe.
std::string NewRequestId();

}  // namespace adieu::client
