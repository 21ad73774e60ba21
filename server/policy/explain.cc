#include "server/policy/explain.h"

#include <utility>

#include "server/policy/planned_messages.h"
#include "server/policy/walk.h"

namespace adieu::policy {
namespace {

// Tells of each rule of a policy, and which one decides; null: none.
class Teller {
 public:
  Teller(const Asked& asked, v1::ExplainCancelPolicyResponse* response)
      : asked_(asked), response_(response) {}

  const v1::Rule* Tell(const CompiledPolicy& policy, v1::CancelPolicyMode mode, bool decided) {
    const v1::Rule* decider = nullptr;
    for (const CompiledPolicy::Rule& rule : policy.rules()) {
      v1::RuleExplanation* explanation = response_->add_rule_explanations();
      explanation->set_policy(policy.policy().name());
      explanation->set_mode(mode);
      explanation->set_rule(rule.rule->id());
      if (mode == v1::CANCEL_POLICY_MODE_DISABLED) {
        explanation->set_verdict(v1::RULE_VERDICT_DISABLED);
      } else if (decided || decider != nullptr) {
        explanation->set_verdict(v1::RULE_VERDICT_NOT_REACHED);
      } else {
        Evaluate(policy, rule, explanation);
        if (explanation->verdict() == v1::RULE_VERDICT_MATCHED) decider = rule.rule;
      }
    }
    return decider;
  }

 private:
  void Evaluate(const CompiledPolicy& policy, const CompiledPolicy::Rule& rule,
                v1::RuleExplanation* explanation) const {
    const v1::RuleVerdict verdict = VerdictOf(policy, rule, asked_);
    explanation->set_verdict(verdict);
    const bool evaluated = verdict == v1::RULE_VERDICT_MATCHED || verdict == v1::RULE_VERDICT_NO_MATCH;
    if (evaluated && rule.rule->has_match()) {
      *explanation->mutable_match() = rule.match.Explain(asked_.call, asked_.now);
    }
  }

  const Asked& asked_;
  v1::ExplainCancelPolicyResponse* response_;
};

}  // namespace

v1::ExplainCancelPolicyResponse Explain(const PolicySet& set, const Question& question) {
  v1::ExplainCancelPolicyResponse response;
  const Asked asked(question);
  Teller teller(asked, &response);
  bool decided = false;
  VisitPolicies(set, question, [&](const auto& policy, v1::CancelPolicyMode mode) {
    const v1::Rule* rule = teller.Tell(*policy, mode, decided);
    if (rule == nullptr) return false;
    if (mode == v1::CANCEL_POLICY_MODE_SHADOW) {
      *response.add_shadow_decisions() = ShadowOf(*policy, *rule, question);
      return false;
    }
    decided = true;
    response.set_policy(policy->policy().name());
    response.set_rule(rule->id());
    *response.mutable_treatment() = TreatmentOf(*policy, *rule, question);
    return false;
  });
  for (v1::PlannedMessage& message : PlanMessages(*question.call, question.trigger, response.treatment())) {
    *response.add_messages() = std::move(message);
  }
  return response;
}

}  // namespace adieu::policy
