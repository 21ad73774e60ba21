#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/policy/compiled_policy.h"

namespace adieu::policy {

// The policies of one moment, in the order in which they are asked: the higher priority first, ties by name,
// `cancelPolicies/builtin` last. Immutable; a change makes a new one. Pure.
class PolicySet {
 public:
  using Policies = std::vector<std::shared_ptr<const CompiledPolicy>>;

  // Only the built-in policy.
  PolicySet();
  // `policies` without the built-in one, in any order, no name twice.
  explicit PolicySet(Policies policies);

  // All of them, the built-in one last.
  const Policies& policies() const { return policies_; }
  // Null: there is none of that name.
  std::shared_ptr<const CompiledPolicy> Find(std::string_view name) const;
  // Whether a policy that is not DISABLED, other than the built-in one, has a rule for this trigger: when it
  // is false, Choose would give what the built-in policy says.
  bool Hears(v1::Trigger trigger) const;

 private:
  Policies policies_;
  unsigned triggers_ = 0;
};

}  // namespace adieu::policy
