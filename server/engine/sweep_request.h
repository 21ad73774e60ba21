#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "adieu/v1/call_control_service.pb.h"
#include "server/base/error.h"
#include "server/engine/policy_book.h"
#include "server/policy/compiled_policy.h"

namespace adieu::engine {

// What a request to continue a sweep must have in common with the first one. Pure.
std::string FingerprintOf(v1::ApplyCancelPolicyRequest request);

// The policy that is asked before all others, as it is now; null: the request has none. POLICY_NOT_FOUND, or
// what is wrong with the inline one.
base::Result<std::shared_ptr<const policy::CompiledPolicy>> FirstPolicyOf(
    const v1::ApplyCancelPolicyRequest& request, const PolicyBook& book);

// The errors of ApplyCancelPolicy.
base::Error TooManyMatches(size_t matched, int max_calls);
base::Error TooManySweeps(size_t running);
base::Error SweepRunning(const std::string& sweep);
base::Error SweepNotFound(const std::string& sweep);
base::Error ShuttingDown();

}  // namespace adieu::engine
