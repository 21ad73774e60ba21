#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "adieu/v1/cancel_policy_service.pb.h"
#include "server/policy/choose.h"

namespace adieu::policy {

// The walk through the policies that Choose and Explain share: in which order and mode they are asked, and
// what becomes of each rule. Pure.

// What each rule is asked.
struct Asked {
  explicit Asked(const Question& question);

  const v1::Call& call;
  std::chrono::system_clock::time_point now;
  v1::Trigger trigger;
  // UNSPECIFIED: none.
  v1::Intent intent;
  // The far end's code when a rule must name it; zero: it need not.
  int guarded_code = 0;
};

// MATCHED, OTHER_TRIGGER, OTHER_INTENT, CODE_NOT_NAMED or NO_MATCH. The rules of the built-in policy need not
// name codes.
v1::RuleVerdict VerdictOf(const CompiledPolicy& policy, const CompiledPolicy::Rule& rule, const Asked& asked);

// The rule of this policy that decides; null: none matches.
const CompiledPolicy::Rule* Decider(const CompiledPolicy& policy, const Asked& asked);

// Whether a policy of the set is left out because it, or the one of its name, was asked first. The built-in
// one never is for its name's sake, because it has the answer when nobody else does.
bool IsReplaced(const CompiledPolicy& policy, const Question& question);

// Calls `visit(policy, mode)` for each policy in the order in which they are asked, the disabled ones too,
// until it returns true.
template <typename Visit>
void VisitPolicies(const PolicySet& set, const Question& question, Visit visit) {
  if (question.first != nullptr && visit(question.first, v1::CANCEL_POLICY_MODE_ENFORCED)) return;
  for (const auto& policy : set.policies()) {
    if (IsReplaced(*policy, question)) continue;
    if (visit(policy, policy->policy().mode())) return;
  }
}

// What a rule gives for this question, complete (choose.h).
v1::Treatment TreatmentOf(const CompiledPolicy& policy, const v1::Rule& rule, const Question& question);

// The same, for the record of a policy that is in SHADOW mode.
v1::ShadowDecision ShadowOf(const CompiledPolicy& policy, const v1::Rule& rule, const Question& question);

}  // namespace adieu::policy
