#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "adieu/v1/cancel_policy.pb.h"
#include "server/base/error.h"
#include "server/policy/matcher.h"

namespace adieu::policy {

// A CancelPolicy that was checked and compiled once, to be asked about many calls. Immutable, shared by any
// number of threads. Pure.
class CompiledPolicy {
 public:
  struct Rule {
    // In policy().rules().
    const v1::Rule* rule = nullptr;
    Matcher match;
    // Of the far end's codes that a rule must name (trigger_table.h), those that this one names. Sorted.
    std::vector<int> named_codes;
    // One bit each, by number.
    unsigned triggers = 0;
    // The same; zero: any intent, or none.
    unsigned intents = 0;
  };

  // Checks every limit of cancel_policy.proto: `path` is the path of the policy in the request
  // (`cancel_policy`); errors are INVALID_FIELD with the full path (`cancel_policy.rules[2].treatment...`).
  // `own`: this server's addresses (contact_check.h), which no redirect may point at. The mode UNSPECIFIED
  // becomes DISABLED.
  static base::Result<std::shared_ptr<const CompiledPolicy>> Compile(v1::CancelPolicy policy,
                                                                     const std::string& path,
                                                                     std::span<const std::string> own);

  CompiledPolicy(const CompiledPolicy&) = delete;
  CompiledPolicy& operator=(const CompiledPolicy&) = delete;

  const v1::CancelPolicy& policy() const { return policy_; }
  // In the order of policy().rules().
  const std::vector<Rule>& rules() const { return rules_; }
  // Whether a rule has this trigger.
  bool Hears(v1::Trigger trigger) const { return (triggers_ & (1u << trigger)) != 0; }

 private:
  CompiledPolicy() = default;

  v1::CancelPolicy policy_;
  std::vector<Rule> rules_;
  unsigned triggers_ = 0;
};

}  // namespace adieu::policy
