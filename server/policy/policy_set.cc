#include "server/policy/policy_set.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "server/policy/shipped.h"

namespace adieu::policy {

PolicySet::PolicySet() : PolicySet(Policies()) {}

PolicySet::PolicySet(Policies policies) : policies_(std::move(policies)) {
  std::sort(policies_.begin(), policies_.end(), [](const auto& a, const auto& b) {
    return std::forward_as_tuple(b->policy().priority(), a->policy().name()) <
           std::forward_as_tuple(a->policy().priority(), b->policy().name());
  });
  for (const auto& policy : policies_) {
    if (policy->policy().mode() == v1::CANCEL_POLICY_MODE_DISABLED) continue;
    for (int trigger = v1::Trigger_MIN; trigger <= v1::Trigger_MAX; ++trigger) {
      if (policy->Hears(static_cast<v1::Trigger>(trigger))) triggers_ |= 1U << trigger;
    }
  }
  policies_.push_back(BuiltinPolicy());
}

std::shared_ptr<const CompiledPolicy> PolicySet::Find(std::string_view name) const {
  const auto found = std::find_if(policies_.begin(), policies_.end(),
                                  [&](const auto& policy) { return policy->policy().name() == name; });
  return found == policies_.end() ? nullptr : *found;
}

bool PolicySet::Hears(v1::Trigger trigger) const { return (triggers_ & (1U << trigger)) != 0; }

}  // namespace adieu::policy
