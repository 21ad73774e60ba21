#pragma once

#include <string_view>

namespace adieu::policy {

// `cancelPolicies/{cancel_policy}`, {cancel_policy} 1 to 63 lower-case letters, digits and hyphens, the first
// one a letter. Pure.
bool IsPolicyName(std::string_view name);

// What IsPolicyName asks for, as the description of a refused field.
inline constexpr char kPolicyNameForm[] =
    "must be cancelPolicies/{cancel_policy}, {cancel_policy} 1 to 63 lower-case letters, digits and hyphens, "
    "the first one a letter";

}  // namespace adieu::policy
