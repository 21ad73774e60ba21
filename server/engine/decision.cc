#include "server/engine/decision.h"

#include <optional>
#include <utility>

#include "server/policy/builtin.h"
#include "server/policy/contact_check.h"
#include "server/policy/trigger_table.h"
#include "server/policy/wire_table.h"

namespace adieu::engine {
namespace {

policy::LegPhase PhaseOf(v1::CallState state) {
  switch (state) {
    case v1::CALL_STATE_RINGING:
      return policy::LegPhase::kRinging;
    case v1::CALL_STATE_ANSWERED:
      return policy::LegPhase::kAnswered;
    case v1::CALL_STATE_TERMINATING:
      return policy::LegPhase::kTerminating;
    default:
      return policy::LegPhase::kTerminated;
  }
}

void AddReason(const std::string& value, v1::LegEnding* leg) {
  if (value.empty()) return;
  v1::Header* header = leg->add_headers();
  header->set_name("Reason");
  header->set_value(value);
}

void Plan(v1::LegSide side, v1::CallState state, const policy::Rendered& ending,
          std::vector<v1::LegEnding>* legs) {
  v1::LegEnding leg;
  leg.set_side(side);
  leg.set_action(policy::ActionOf(policy::StepFor(side, PhaseOf(state), ending.action), ending.action));
  switch (leg.action()) {
    case v1::LEG_ACTION_FINAL_RESPONSE:
    case v1::LEG_ACTION_REDIRECT:
    case v1::LEG_ACTION_ANSWER_THEN_BYE:
      leg.set_status_code(ending.status_code);
      leg.set_reason_phrase(ending.reason_phrase);
      leg.mutable_headers()->Add(ending.headers.begin(), ending.headers.end());
      break;
    case v1::LEG_ACTION_BYE:
      AddReason(ending.bye_reason, &leg);
      break;
    case v1::LEG_ACTION_CANCEL:
      AddReason(ending.cancel_reason, &leg);
      break;
    default:
      return;
  }
  legs->push_back(std::move(leg));
}

}  // namespace

base::Result<Decision> Decide(const policy::PolicySet& set, const policy::Question& question,
                              const v1::Treatment* given, std::span<const std::string> own) {
  const v1::Call& call = *question.call;
  Decision decision;
  v1::Termination& termination = decision.termination;
  termination.set_call(call.name());
  termination.set_trigger(question.trigger);
  termination.set_intent(policy::FillIntentOf(question.trigger, question.intent));
  if (question.trigger == v1::TRIGGER_FAR_END_FAILURE) {
    decision.far_end_status = call.callee().last_status_code();
  }
  if (given != nullptr) {
    if (auto error = policy::CheckNotPointingAt(*given, own, "treatment")) return *error;
    *termination.mutable_treatment() = policy::Complete(*given, termination.intent(), call);
  } else {
    policy::Choice choice = policy::Choose(set, question);
    *termination.mutable_treatment() = std::move(choice.treatment);
    termination.set_policy(choice.policy->policy().name());
    termination.set_policy_etag(choice.policy->policy().etag());
    termination.set_rule(choice.rule->id());
    termination.mutable_shadow_decisions()->Assign(choice.shadows.begin(), choice.shadows.end());
    decision.policy = std::move(choice.policy);
  }
  decision.ending = policy::Render(termination.treatment());
  return decision;
}

std::vector<v1::LegEnding> PlannedLegs(const v1::Call& call, const policy::Rendered& ending) {
  std::vector<v1::LegEnding> legs;
  Plan(v1::LEG_SIDE_CALLER, call.caller().state(), ending, &legs);
  if (call.has_callee()) Plan(v1::LEG_SIDE_CALLEE, call.callee().state(), ending, &legs);
  return legs;
}

}  // namespace adieu::engine
