#pragma once

#include <absl/status/status.h>

#include <string>

namespace adieu::base {

// The name of a canonical code as in the API's documentation: `INVALID_ARGUMENT`; `UNKNOWN` for numbers that
// are none.
std::string StatusName(absl::StatusCode code);

// The name as gRPC's own metrics write it: `InvalidArgument`; `Unknown` for numbers that are none.
std::string GrpcCodeLabel(absl::StatusCode code);

}  // namespace adieu::base
