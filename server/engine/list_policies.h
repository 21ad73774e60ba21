#pragma once

#include "adieu/v1/cancel_policy_service.pb.h"
#include "server/base/error.h"
#include "server/policy/policy_set.h"

namespace adieu::engine {

// A page of the policies in the order in which they are asked. A policy that keeps its priority is on exactly
// one page, whatever else changes between them. INVALID_ARGUMENT: page_size or page_token is wrong. Pure.
base::Result<v1::ListCancelPoliciesResponse> ListPolicies(const policy::PolicySet& set,
                                                          const v1::ListCancelPoliciesRequest& request);

}  // namespace adieu::engine
