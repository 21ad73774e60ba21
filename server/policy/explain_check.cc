#include "server/policy/explain_check.h"

#include <string>
#include <utility>

#include "server/policy/request_check.h"

namespace adieu::policy {
namespace {

using Failure = std::optional<base::Error>;

constexpr int kMaxCandidates = 100;

Failure CheckMadeUp(const v1::Call& call, v1::Trigger trigger) {
  const std::string path = "hypothetical_call";
  if (!v1::CallState_IsValid(call.state())) return base::InvalidField(path + ".state", "is not a state");
  for (const auto& [leg, name] :
       {std::pair(&call.caller(), ".caller.state"), std::pair(&call.callee(), ".callee.state")}) {
    if (!v1::CallState_IsValid(leg->state())) return base::InvalidField(path + name, "is not a state");
  }
  const int status = call.callee().last_status_code();
  if (trigger == v1::TRIGGER_FAR_END_FAILURE && (status < 300 || status > 699)) {
    return base::InvalidField(path + ".callee.last_status_code",
                              "must be 300-699, the far end's status, for TRIGGER_FAR_END_FAILURE");
  }
  return std::nullopt;
}

Failure CheckSubject(const v1::ExplainCancelPolicyRequest& request) {
  switch (request.subject_case()) {
    case v1::ExplainCancelPolicyRequest::kCall:
      if (IsCallName(request.call())) return std::nullopt;
      return base::InvalidField("call", "must be calls/{call}, {call} 1 to 64 letters, digits and hyphens");
    case v1::ExplainCancelPolicyRequest::kHypotheticalCall:
      return CheckMadeUp(request.hypothetical_call(), request.trigger());
    case v1::ExplainCancelPolicyRequest::SUBJECT_NOT_SET:
      break;
  }
  return base::InvalidField("call", "exactly one of call and hypothetical_call must be set");
}

void SetOpen(v1::CallState state, v1::Leg* leg) {
  if (leg->state() == v1::CALL_STATE_UNSPECIFIED) leg->set_state(state);
}

}  // namespace

std::optional<base::Error> CheckExplainRequest(const v1::ExplainCancelPolicyRequest& request) {
  if (!v1::Trigger_IsValid(request.trigger())) return base::InvalidField("trigger", "is not a trigger");
  if (auto error = CheckSubject(request)) return error;
  if (!v1::Intent_IsValid(request.intent())) return base::InvalidField("intent", "is not an intent");
  const bool asks = request.trigger() == v1::TRIGGER_UNSPECIFIED || request.trigger() == v1::TRIGGER_REQUEST;
  if (!asks && request.intent() != v1::INTENT_UNSPECIFIED) {
    return base::InvalidField("intent", "may be given with TRIGGER_REQUEST only");
  }
  if (request.candidate_policies_size() > kMaxCandidates) {
    return base::InvalidField("candidate_policies", "must be at most " + std::to_string(kMaxCandidates) +
                                                        ", are " +
                                                        std::to_string(request.candidate_policies_size()));
  }
  return std::nullopt;
}

v1::Call WithStates(v1::Call hypothetical) {
  if (hypothetical.state() == v1::CALL_STATE_UNSPECIFIED) hypothetical.set_state(v1::CALL_STATE_RINGING);
  SetOpen(hypothetical.state(), hypothetical.mutable_caller());
  if (hypothetical.has_callee()) SetOpen(hypothetical.state(), hypothetical.mutable_callee());
  return hypothetical;
}

}  // namespace adieu::policy
