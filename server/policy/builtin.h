#pragma once

#include <string_view>

#include "adieu/v1/treatment.pb.h"

namespace adieu::policy {

// The built-in policy: the answer that every intent always has. Pure.

// The complete treatment for an intent and for the phone that this User-Agent belongs to. The caller gets a
// final response with a phrase, answered legs a BYE with a Reason. An unknown intent is INTENT_QUIET.
v1::Treatment Builtin(v1::Intent intent, std::string_view user_agent);

// `given`, with what it leaves out taken from the built-in for `intent`, or for its `as_intent` when it has
// one. The result never has as_intent, and every phrase, status, warning agent and bye_reasons is set; relay
// and proceed stay as they are.
v1::Treatment Complete(const v1::Treatment& given, v1::Intent intent, std::string_view user_agent);

}  // namespace adieu::policy
