#pragma once

#include <optional>
#include <string>

#include "adieu/v1/cancel_policy_service.pb.h"
#include "server/base/error.h"

namespace adieu::engine {

// What requests ask to be made of policies. Pure.

// The name of the policy that is to be created. INVALID_ARGUMENT: `cancel_policy_id` or
// `cancel_policy.name` is wrong, or they do not agree.
base::Result<std::string> NameToCreate(const v1::CreateCancelPolicyRequest& request);

// INVALID_ARGUMENT: a path of update_mask is not one of a field that can be changed.
std::optional<base::Error> CheckUpdateMask(const google::protobuf::FieldMask& mask);

// `policy` with the fields of `from` that the mask, which was checked, names.
v1::CancelPolicy Changed(v1::CancelPolicy policy, const v1::CancelPolicy& from,
                         const google::protobuf::FieldMask& mask);

// What a client may give of a policy, without what only answers have.
v1::CancelPolicy GivenPart(const v1::CancelPolicy& policy);

}  // namespace adieu::engine
