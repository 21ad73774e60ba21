#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "adieu/v1/call.pb.h"
#include "adieu/v1/cancel_policy.pb.h"
#include "adieu/v1/treatment.pb.h"
#include "adieu/v1/trigger.pb.h"
#include "server/policy/policy_set.h"

namespace adieu::policy {

// Which policy decides about a call, by which rule, with which treatment: the one walk that both Choose and
// Explain (explain.h) make. Pure.

struct Question {
  // Must outlive the answer. For FAR_END_FAILURE the callee's last_status_code is the far end's status and
  // `Reason` among the callee's headers its Reason.
  const v1::Call* call = nullptr;
  v1::Trigger trigger = v1::TRIGGER_REQUEST;
  // Looked at for REQUEST only; what the others ask with: trigger_table.h.
  v1::Intent intent = v1::INTENT_QUIET;
  std::chrono::system_clock::time_point now;
  // Asked before all others, whatever its mode, and in place of the one of its name in the set. Null: none.
  std::shared_ptr<const CompiledPolicy> first = nullptr;
};

// Points into the policy, which it keeps.
struct Choice {
  std::shared_ptr<const CompiledPolicy> policy;
  const v1::Rule* rule = nullptr;
  // Complete (builtin.h): no as_intent, what the rule leaves out filled in; or relay or proceed, with
  // cancel_reasons and bye_reasons as the rule gives them. For CALLER_CANCEL always relay: the CANCEL gets
  // cancel_reasons, or the caller's own Reason when there are none.
  v1::Treatment treatment;
  // What the policies in SHADOW mode that were asked before would have decided.
  std::vector<v1::ShadowDecision> shadows;
};

Choice Choose(const PolicySet& set, const Question& question);

}  // namespace adieu::policy
