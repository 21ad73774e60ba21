#pragma once

#include <string>

namespace adieu::cli {

// What a person may leave out of a policy's name: `night` is `cancelPolicies/night`. A text with a slash, and
// an empty one, stay as they are.
std::string FullPolicyName(const std::string& text);

// The other way round, for tables: `cancelPolicies/night` is `night`.
std::string ShortPolicyName(const std::string& name);

}  // namespace adieu::cli
