#pragma once

#include <optional>

#include "adieu/v1/cancel_policy_service.pb.h"
#include "server/base/error.h"

namespace adieu::policy {

// Checks an ExplainCancelPolicyRequest on its own: one subject, the form of the call's name, the trigger, an
// intent with TRIGGER_REQUEST only, at most 100 candidates, and of a hypothetical call for
// TRIGGER_FAR_END_FAILURE that there is a failure. INVALID_FIELD with the path of the field. The candidates
// themselves are checked when they are compiled (compiled_policy.h). Pure.
std::optional<base::Error> CheckExplainRequest(const v1::ExplainCancelPolicyRequest& request);

// A hypothetical call with the states that it leaves open: its own RINGING, those of its legs its own. Pure.
v1::Call WithStates(v1::Call hypothetical);

}  // namespace adieu::policy
