#pragma once

#include "adieu/v1/call.pb.h"
#include "adieu/v1/cancel_policy.pb.h"
#include "adieu/v1/treatment.pb.h"

namespace adieu::policy {

// What the built-in policy (shipped.h) gives when a request asks for an intent, and how it fills in what
// other treatments leave out. A number that is no intent is INTENT_QUIET. Pure.

// Its rule for an intent and this call's phone.
const v1::Rule& BuiltinRule(v1::Intent intent, const v1::Call& call);

// The complete treatment of one of its rules for this call.
v1::Treatment AnswerOf(const v1::Rule& rule, const v1::Call& call);

// AnswerOf(BuiltinRule(intent, call), call).
v1::Treatment Builtin(v1::Intent intent, const v1::Call& call);

// `given`, with what it leaves out taken from the built-in for `intent`, or for its `as_intent` when it has
// one. The result never has as_intent, every phrase, status, warning agent and bye_reasons is set, and what
// derive_reason asks for is among the reasons; relay and proceed stay as they are.
v1::Treatment Complete(const v1::Treatment& given, v1::Intent intent, const v1::Call& call);

}  // namespace adieu::policy
