#pragma once

#include <optional>

#include "server/metrics/metrics.h"

namespace adieu::sip {

// What the failure of a target means (RFC 3261 16.7, 21.5.4). Pure.

// Whether the next target is worth a try, and why. `status`: the final response; `by_stack`: nobody sent it,
// it stands for a timeout or a refused connection.
std::optional<metrics::FailoverReason> FailoverFor(int status, bool by_stack);

// The status code that the caller gets for it. What differs from `status` stands for itself: no header of the
// far end goes with it.
int StatusForCaller(int status, bool by_stack);

}  // namespace adieu::sip
