#pragma once

#include <optional>

#include "adieu/v1/call_control_service.pb.h"
#include "server/base/error.h"

namespace adieu::policy {

// Checks an ApplyCancelPolicyRequest on its own: the form of `policy` and of the name of `inline_policy`,
// that there is a match, every range. INVALID_FIELD with the path of the field. The match and the inline
// policy themselves are checked when they are compiled (matcher.h, compiled_policy.h). Pure.
std::optional<base::Error> CheckApplyRequest(const v1::ApplyCancelPolicyRequest& request);

}  // namespace adieu::policy
