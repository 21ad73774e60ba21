#include "server/policy/walk.h"

#include <algorithm>

#include "server/policy/builtin.h"
#include "server/policy/shipped.h"
#include "server/policy/trigger_table.h"

namespace adieu::policy {
namespace {

bool IsBuiltin(const CompiledPolicy& policy) { return &policy == BuiltinPolicy().get(); }

}  // namespace

Asked::Asked(const Question& question)
    : call(*question.call),
      now(question.now),
      trigger(question.trigger),
      intent(IntentOf(question.trigger, question.intent)) {
  const int status = call.callee().last_status_code();
  if (trigger == v1::TRIGGER_FAR_END_FAILURE && MustBeNamed(status)) guarded_code = status;
}

v1::RuleVerdict VerdictOf(const CompiledPolicy& policy, const CompiledPolicy::Rule& rule,
                          const Asked& asked) {
  if ((rule.triggers & (1U << asked.trigger)) == 0) return v1::RULE_VERDICT_OTHER_TRIGGER;
  if (rule.intents != 0 && (rule.intents & (1U << asked.intent)) == 0) return v1::RULE_VERDICT_OTHER_INTENT;
  if (asked.guarded_code != 0 && !IsBuiltin(policy) &&
      !std::binary_search(rule.named_codes.begin(), rule.named_codes.end(), asked.guarded_code)) {
    return v1::RULE_VERDICT_CODE_NOT_NAMED;
  }
  return rule.match.Matches(asked.call, asked.now) ? v1::RULE_VERDICT_MATCHED : v1::RULE_VERDICT_NO_MATCH;
}

bool IsReplaced(const CompiledPolicy& policy, const Question& question) {
  const CompiledPolicy* first = question.first.get();
  if (first == nullptr) return false;
  return first == &policy || (!IsBuiltin(policy) && first->policy().name() == policy.policy().name());
}

const CompiledPolicy::Rule* Decider(const CompiledPolicy& policy, const Asked& asked) {
  if (!policy.Hears(asked.trigger)) return nullptr;
  const auto found =
      std::find_if(policy.rules().begin(), policy.rules().end(), [&](const CompiledPolicy::Rule& rule) {
        return VerdictOf(policy, rule, asked) == v1::RULE_VERDICT_MATCHED;
      });
  return found == policy.rules().end() ? nullptr : &*found;
}

v1::Treatment TreatmentOf(const CompiledPolicy& policy, const v1::Rule& rule, const Question& question) {
  if (question.trigger == v1::TRIGGER_CALLER_CANCEL) {
    v1::Treatment treatment = rule.treatment();
    treatment.mutable_relay();
    return treatment;
  }
  if (IsBuiltin(policy)) return AnswerOf(rule, *question.call);
  return Complete(rule.treatment(), FillIntentOf(question.trigger, question.intent), *question.call);
}

v1::ShadowDecision ShadowOf(const CompiledPolicy& policy, const v1::Rule& rule, const Question& question) {
  v1::ShadowDecision shadow;
  shadow.set_policy(policy.policy().name());
  shadow.set_policy_etag(policy.policy().etag());
  shadow.set_rule(rule.id());
  *shadow.mutable_treatment() = TreatmentOf(policy, rule, question);
  return shadow;
}

}  // namespace adieu::policy
