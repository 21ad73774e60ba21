#include "server/engine/decider.h"

#include <algorithm>
#include <chrono>

#include "server/base/log.h"
#include "server/policy/shipped.h"

namespace adieu::engine {
namespace {

using std::chrono::steady_clock;

// `cancelPolicies/quiet-kills` -> `quiet-kills`.
std::string IdOf(const std::string& policy) { return policy.substr(policy.find('/') + 1); }

bool IsShipped(const std::string& policy) {
  const auto& shipped = policy::ShippedPolicies();
  return policy == policy::kBuiltinPolicy ||
         std::any_of(shipped.begin(), shipped.end(),
                     [&](const auto& compiled) { return compiled->policy().name() == policy; });
}

}  // namespace

base::Result<Decision> Decider::Decide(const policy::Question& question, const v1::Treatment* given,
                                       std::span<const std::string> own) const {
  const auto begin = steady_clock::now();
  auto decision = engine::Decide(*policies_->Current(), question, given, own);
  if (given == nullptr) metrics_->PolicyEvaluatedIn(steady_clock::now() - begin);
  return decision;
}

void Decider::Count(const std::string& policy, v1::CancelPolicyMode mode, v1::Trigger trigger,
                    const std::string& rule) const {
  metrics_->PolicyDecided(IdOf(policy), mode, trigger, IsShipped(policy) ? rule : "");
}

void Decider::Tell(const Decision& decision) const {
  const v1::Termination& termination = decision.termination;
  const std::string trigger = metrics::Label(termination.trigger());
  for (const v1::ShadowDecision& shadow : termination.shadow_decisions()) {
    Count(shadow.policy(), v1::CANCEL_POLICY_MODE_SHADOW, termination.trigger(), shadow.rule());
    const policy::Rendered ending = policy::Render(shadow.treatment());
    base::LogInfo("shadow decision", {{"call", termination.call()},
                                      {"policy", shadow.policy()},
                                      {"rule", shadow.rule()},
                                      {"trigger", trigger},
                                      {"action", metrics::Label(ending.action)},
                                      {"status_code", ending.status_code},
                                      {"cancel_reason", ending.cancel_reason}});
  }
  if (decision.policy == nullptr) return;
  const bool goes_on = decision.ending.action == v1::LEG_ACTION_NONE && decision.ending.cancel_reason.empty();
  const bool builtin = termination.policy() == policy::kBuiltinPolicy;
  if (builtin && goes_on) return;
  Count(termination.policy(), decision.policy->policy().mode(), termination.trigger(), termination.rule());
  if (builtin || goes_on) return;
  base::LogInfo("policy decided", {{"call", termination.call()},
                                   {"policy", termination.policy()},
                                   {"rule", termination.rule()},
                                   {"trigger", trigger},
                                   {"action", metrics::Label(decision.ending.action)},
                                   {"status_code", decision.ending.status_code},
                                   {"cancel_reason", decision.ending.cancel_reason}});
}

}  // namespace adieu::engine
