#pragma once

#include <chrono>
#include <optional>

#include "adieu/v1/role.pb.h"
#include "server/base/error.h"
#include "server/metrics/labels.h"

namespace adieu::access {

// What a client is told that is not let in: UNAUTHENTICATED when it must say who it is, PERMISSION_DENIED
// when that is known and not enough, RESOURCE_EXHAUSTED when it asks too much. ErrorInfo.reason is the name
// of the denial: CREDENTIALS_MISSING. Pure.
base::Error ToError(metrics::ApiDenial denial,
                    std::optional<std::chrono::milliseconds> retry_after = std::nullopt);

// The method needs `least`, and the client has `role`.
base::Error RoleTooLow(v1::Role role, v1::Role least);

}  // namespace adieu::access
