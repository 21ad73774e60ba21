#include "server/policy/compiled_policy.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "server/policy/ascii.h"
#include "server/policy/contact_check.h"
#include "server/policy/policy_name.h"
#include "server/policy/text_check.h"
#include "server/policy/treatment_check.h"
#include "server/policy/trigger_table.h"

namespace adieu::policy {
namespace {

using Failure = std::optional<base::Error>;

constexpr size_t kMaxDescriptionBytes = 1024;
constexpr int kMaxPriority = 1'000'000;
constexpr int kMaxRules = 256;
constexpr size_t kMaxRuleIdBytes = 63;
// Of all the expressions together, so that one policy takes some megabytes at most.
constexpr int kMaxExpressionSize = 100'000;

Failure CheckDescription(std::string description, const std::string& path) {
  const auto is_break = [](char c) { return c == '\n' || c == '\r'; };
  std::replace_if(description.begin(), description.end(), is_break, ' ');
  return CheckText(description, kMaxDescriptionBytes, path);
}

bool IsRuleId(std::string_view id) {
  return !id.empty() && id.size() <= kMaxRuleIdBytes && IsLowerLetter(id.front()) &&
         std::all_of(id.begin(), id.end(),
                     [](char c) { return IsLowerLetter(c) || IsDigit(c) || c == '-' || c == '_'; });
}

Failure CheckHead(const v1::CancelPolicy& policy, const std::string& path) {
  if (!IsPolicyName(policy.name())) return base::InvalidField(Join(path, "name"), kPolicyNameForm);
  if (auto error = CheckDescription(policy.description(), Join(path, "description"))) return error;
  if (!v1::CancelPolicyMode_IsValid(policy.mode())) {
    return base::InvalidField(Join(path, "mode"), "is not a mode");
  }
  if (policy.priority() < -kMaxPriority || policy.priority() > kMaxPriority) {
    return base::InvalidField(Join(path, "priority"), "must be -1000000 to 1000000");
  }
  if (policy.rules().empty() || policy.rules_size() > kMaxRules) {
    return base::InvalidField(Join(path, "rules"), "must have 1 to " + std::to_string(kMaxRules) +
                                                       " rules, has " + std::to_string(policy.rules_size()));
  }
  return std::nullopt;
}

Failure CheckTriggers(const v1::Rule& rule, const std::string& path, unsigned* triggers) {
  if (rule.triggers().empty()) return base::InvalidField(path, "must have at least one trigger");
  for (int i = 0; i < rule.triggers_size(); ++i) {
    const v1::Trigger trigger = rule.triggers(i);
    if (trigger == v1::TRIGGER_UNSPECIFIED || !v1::Trigger_IsValid(trigger)) {
      return base::InvalidField(At(path, i), "must be a trigger other than TRIGGER_UNSPECIFIED");
    }
    if ((*triggers & (1U << trigger)) != 0) return base::InvalidField(At(path, i), "is there twice");
    *triggers |= 1U << trigger;
  }
  return std::nullopt;
}

Failure CheckIntents(const v1::Rule& rule, const std::string& path, unsigned* intents) {
  bool may_be_asked = rule.intents().empty();
  for (int i = 0; i < rule.intents_size(); ++i) {
    const v1::Intent intent = rule.intents(i);
    if (intent == v1::INTENT_UNSPECIFIED || !v1::Intent_IsValid(intent)) {
      return base::InvalidField(At(path, i), "must be an intent other than INTENT_UNSPECIFIED");
    }
    if ((*intents & (1U << intent)) != 0) return base::InvalidField(At(path, i), "is there twice");
    *intents |= 1U << intent;
    for (const int trigger : rule.triggers()) {
      may_be_asked = may_be_asked || CanAskWith(static_cast<v1::Trigger>(trigger), intent);
    }
  }
  if (may_be_asked) return std::nullopt;
  return base::InvalidField(path,
                            "no trigger of the rule asks with one of these: TRIGGER_REQUEST asks with any, "
                            "TRIGGER_RING_TIMEOUT with INTENT_TRY_LATER, TRIGGER_DRAIN with "
                            "INTENT_MAINTENANCE, the others with none");
}

Failure CheckRuleTreatment(const v1::Rule& rule, std::span<const std::string> own, const std::string& path) {
  // Without one a rule for arriving calls would end them.
  if (!rule.has_treatment()) return base::InvalidField(path, "is required");
  for (const int trigger : rule.triggers()) {
    if (auto error = CheckTreatment(rule.treatment(), static_cast<v1::Trigger>(trigger), path)) return error;
  }
  return CheckNotPointingAt(rule.treatment(), own, path);
}

// The codes of `far_end_status` leaves that are one code that must be named, outside of none_of.
void CollectNamedCodes(const v1::CallMatch& match, std::set<int>* codes) {
  switch (match.node_case()) {
    case v1::CallMatch::kAllOf:
      for (const v1::CallMatch& branch : match.all_of().matches()) CollectNamedCodes(branch, codes);
      break;
    case v1::CallMatch::kAnyOf:
      for (const v1::CallMatch& branch : match.any_of().matches()) CollectNamedCodes(branch, codes);
      break;
    case v1::CallMatch::kFarEndStatus: {
      const v1::StatusRange& range = match.far_end_status();
      const bool one = range.max() == 0 || range.max() == range.min();
      if (one && MustBeNamed(range.min())) codes->insert(range.min());
      break;
    }
    default:
      break;
  }
}

base::Result<CompiledPolicy::Rule> CompileRule(const v1::Rule& rule, const std::string& path,
                                               std::span<const std::string> own) {
  unsigned triggers = 0;
  unsigned intents = 0;
  if (auto error = CheckTriggers(rule, Join(path, "triggers"), &triggers)) return *error;
  if (auto error = CheckIntents(rule, Join(path, "intents"), &intents)) return *error;
  Matcher match = Matcher::Every();
  std::set<int> named_codes;
  if (rule.has_match()) {
    auto compiled = Matcher::Compile(rule.match(), Join(path, "match"));
    if (!compiled.ok()) return compiled.error();
    match = *compiled;
    CollectNamedCodes(rule.match(), &named_codes);
  }
  if (auto error = CheckRuleTreatment(rule, own, Join(path, "treatment"))) return *error;
  if (auto error = CheckDescription(rule.description(), Join(path, "description"))) return *error;
  return CompiledPolicy::Rule{.rule = &rule,
                              .match = std::move(match),
                              .named_codes = {named_codes.begin(), named_codes.end()},
                              .triggers = triggers,
                              .intents = intents};
}

}  // namespace

base::Result<std::shared_ptr<const CompiledPolicy>> CompiledPolicy::Compile(
    v1::CancelPolicy policy, const std::string& path, std::span<const std::string> own) {
  if (auto error = CheckHead(policy, path)) return *error;
  if (policy.mode() == v1::CANCEL_POLICY_MODE_UNSPECIFIED) policy.set_mode(v1::CANCEL_POLICY_MODE_DISABLED);
  const std::shared_ptr<CompiledPolicy> compiled(new CompiledPolicy);
  compiled->policy_ = std::move(policy);
  std::set<std::string_view> ids;
  int expression_size = 0;
  for (int i = 0; i < compiled->policy_.rules_size(); ++i) {
    const v1::Rule& rule = compiled->policy_.rules(i);
    const std::string here = At(Join(path, "rules"), i);
    if (!IsRuleId(rule.id())) {
      return base::InvalidField(Join(here, "id"),
                                "must be 1 to 63 lower-case letters, digits, hyphens and underscores, the "
                                "first one a letter");
    }
    if (!ids.insert(rule.id()).second) {
      return base::InvalidField(Join(here, "id"), "another rule of the policy is called " + rule.id());
    }
    auto compiled_rule = CompileRule(rule, here, own);
    if (!compiled_rule.ok()) return compiled_rule.error();
    expression_size += compiled_rule->match.ExpressionSize();
    if (expression_size > kMaxExpressionSize) {
      return base::InvalidField(
          Join(here, "match"),
          "the expressions of the policy must have at most 100000 instructions together");
    }
    compiled->triggers_ |= compiled_rule->triggers;
    compiled->rules_.push_back(std::move(*compiled_rule));
  }
  return std::shared_ptr<const CompiledPolicy>(compiled);
}

}  // namespace adieu::policy
