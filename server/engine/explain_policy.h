#pragma once

#include "adieu/v1/cancel_policy_service.pb.h"
#include "server/base/error.h"
#include "server/engine/call_registry.h"
#include "server/engine/policy_book.h"

namespace adieu::engine {

// ExplainCancelPolicy; errors as cancel_policy_service.proto documents them. Any thread.
base::Result<v1::ExplainCancelPolicyResponse> ExplainPolicy(const CallRegistry& registry,
                                                            const PolicyBook& book,
                                                            const v1::ExplainCancelPolicyRequest& request);

}  // namespace adieu::engine
