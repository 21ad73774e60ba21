#include "server/policy/choose.h"

#include "server/policy/walk.h"

namespace adieu::policy {

Choice Choose(const PolicySet& set, const Question& question) {
  const Asked asked(question);
  Choice choice;
  VisitPolicies(set, question, [&](const auto& policy, v1::CancelPolicyMode mode) {
    if (mode == v1::CANCEL_POLICY_MODE_DISABLED) return false;
    const CompiledPolicy::Rule* rule = Decider(*policy, asked);
    if (rule == nullptr) return false;
    if (mode == v1::CANCEL_POLICY_MODE_SHADOW) {
      choice.shadows.push_back(ShadowOf(*policy, *rule->rule, question));
      return false;
    }
    choice.policy = policy;
    choice.rule = rule->rule;
    choice.treatment = TreatmentOf(*policy, *rule->rule, question);
    return true;
  });
  return choice;
}

}  // namespace adieu::policy
