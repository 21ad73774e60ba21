#include "server/policy/builtin.h"

#include <cstdlib>
#include <string>
#include <string_view>

#include "server/policy/causes.h"
#include "server/policy/shipped.h"
#include "server/policy/standard_phrase.h"
#include "server/policy/trigger_table.h"
#include "server/policy/walk.h"

namespace adieu::policy {
namespace {

constexpr int kNormalClearing = 16;
constexpr char kWarningAgent[] = "adieu";

void AddQ850(int cause, google::protobuf::RepeatedPtrField<v1::Reason>* reasons) {
  v1::Reason* reason = reasons->Add();
  reason->set_q850_cause(cause);
  reason->set_text(std::string(CauseText(cause)));
}

// The Reason that the response's map gives, unless it has a Q.850 value.
void Derive(v1::FinalResponse* response) {
  const int cause = CauseOfStatus(response->derive_reason(), response->status_code());
  if (cause == 0) return;
  for (const v1::Reason& reason : response->reasons()) {
    if (reason.has_q850_cause()) return;
  }
  AddQ850(cause, response->mutable_reasons());
}

// What is the same for every phone, where a treatment leaves it open.
void FillConstants(v1::Treatment& treatment) {
  if (treatment.has_redirect() && treatment.redirect().status_code() == 0) {
    treatment.mutable_redirect()->set_status_code(302);
  }
  if (treatment.has_final_response()) {
    v1::FinalResponse& response = *treatment.mutable_final_response();
    if (response.reason_phrase().empty()) {
      response.set_reason_phrase(std::string(StandardPhrase(response.status_code())));
    }
    if (response.has_warning() && response.warning().agent().empty()) {
      response.mutable_warning()->set_agent(kWarningAgent);
    }
    Derive(&response);
  }
  if (treatment.bye_reasons().empty()) AddQ850(kNormalClearing, treatment.mutable_bye_reasons());
}

// `treatment` gets what `from` gives the unanswered caller.
void TakeCaller(v1::Treatment from, v1::Treatment& treatment) {
  from.clear_cancel_reasons();
  from.clear_bye_reasons();
  treatment.clear_caller();
  treatment.MergeFrom(from);
}

bool SaysNothing(const v1::Treatment& treatment) { return treatment.has_relay() || treatment.has_proceed(); }

}  // namespace

const v1::Rule& BuiltinRule(v1::Intent intent, const v1::Call& call) {
  const Question question{.call = &call, .trigger = v1::TRIGGER_REQUEST, .intent = intent, .now = {}};
  const CompiledPolicy::Rule* rule = Decider(*BuiltinPolicy(), Asked(question));
  // The policy is part of the program and has a rule for every intent that matches every call.
  if (rule == nullptr) std::abort();
  return *rule->rule;
}

v1::Treatment AnswerOf(const v1::Rule& rule, const v1::Call& call) {
  v1::Treatment treatment = rule.treatment();
  if (SaysNothing(treatment)) return treatment;
  if (treatment.caller_case() == v1::Treatment::kAsIntent) {
    TakeCaller(Builtin(treatment.as_intent(), call), treatment);
  }
  FillConstants(treatment);
  return treatment;
}

v1::Treatment Builtin(v1::Intent intent, const v1::Call& call) {
  return AnswerOf(BuiltinRule(intent, call), call);
}

v1::Treatment Complete(const v1::Treatment& given, v1::Intent intent, const v1::Call& call) {
  if (SaysNothing(given)) return given;
  const bool as_intent = given.caller_case() == v1::Treatment::kAsIntent;
  const bool needs_caller = as_intent || given.caller_case() == v1::Treatment::CALLER_NOT_SET;
  v1::Treatment complete = given;
  if (needs_caller || given.cancel_reasons().empty()) {
    const v1::Treatment builtin = Builtin(as_intent ? given.as_intent() : intent, call);
    if (needs_caller) TakeCaller(builtin, complete);
    if (given.cancel_reasons().empty()) *complete.mutable_cancel_reasons() = builtin.cancel_reasons();
  }
  FillConstants(complete);
  return complete;
}

}  // namespace adieu::policy
