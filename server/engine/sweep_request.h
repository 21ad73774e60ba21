#pragma once

#include <memory>
#include <optional>
#include <string>

#include "adieu/v1/call_control_service.pb.h"
#include "server/base/error.h"

namespace adieu::engine {

// What a request to continue a sweep must have in common with the first one. Pure.
std::string FingerprintOf(v1::ApplyCancelPolicyRequest request);

// Checks an ApplyCancelPolicyRequest on its own, `policy`, `inline_policy` and the insides of `match`
// excepted. INVALID_FIELD with the path of the field. Pure.
std::optional<base::Error> CheckSweepRequest(const v1::ApplyCancelPolicyRequest& request);

// The errors of ApplyCancelPolicy.
base::Error TooManyMatches(size_t matched, int max_calls);
base::Error TooManySweeps(size_t running);
base::Error SweepRunning(const std::string& sweep);
base::Error SweepNotFound(const std::string& sweep);
base::Error SweepIdReused();
base::Error ShuttingDown();

}  // namespace adieu::engine
