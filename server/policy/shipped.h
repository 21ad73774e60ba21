#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "server/policy/compiled_policy.h"

namespace adieu::policy {

// The policies that are part of the program, made from the files in server/policy/shipped/. Pure.

inline constexpr std::string_view kBuiltinPolicy = "cancelPolicies/builtin";

// `cancelPolicies/builtin`: ENFORCED, asked last, answers every trigger and intent for every call.
const std::shared_ptr<const CompiledPolicy>& BuiltinPolicy();

// The other ones, DISABLED, in the order of their names: `cancelPolicies/quiet-kills`.
const std::vector<std::shared_ptr<const CompiledPolicy>>& ShippedPolicies();

}  // namespace adieu::policy
