#include "server/policy/policy_name.h"

#include <algorithm>

#include "server/policy/ascii.h"

namespace adieu::policy {
namespace {

constexpr std::string_view kPolicies = "cancelPolicies/";
constexpr size_t kMaxIdBytes = 63;

}  // namespace

bool IsPolicyName(std::string_view name) {
  if (!name.starts_with(kPolicies)) return false;
  name.remove_prefix(kPolicies.size());
  return !name.empty() && name.size() <= kMaxIdBytes && IsLowerLetter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return IsLowerLetter(c) || IsDigit(c) || c == '-'; });
}

}  // namespace adieu::policy
