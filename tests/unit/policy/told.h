#pragma once

#include <string>

#include "server/policy/choose.h"
#include "server/policy/render.h"

namespace adieu::policy {

// What a rendered ending tells the caller, in one line: `480 Call ended|Reason: ...|Retry-After: ...`.
inline std::string Told(const Rendered& rendered) {
  std::string told = std::to_string(rendered.status_code) + ' ' + rendered.reason_phrase;
  for (const v1::Header& header : rendered.headers) told += '|' + header.name() + ": " + header.value();
  return told;
}

// A complete treatment in one line: what the caller is told, `relay` or `proceed`, and where they are not the
// usual ones the Reason of a CANCEL and of a BYE.
inline std::string Told(const v1::Treatment& treatment) {
  const Rendered rendered = Render(treatment);
  std::string told = treatment.has_relay() ? "relay" : treatment.has_proceed() ? "proceed" : Told(rendered);
  const bool says_nothing = treatment.has_relay() || treatment.has_proceed();
  const std::string usual = says_nothing ? "" : "Q.850;cause=16;text=\"Normal call clearing\"";
  if (!rendered.cancel_reason.empty()) told += "; CANCEL " + rendered.cancel_reason;
  if (rendered.bye_reason != usual) told += "; BYE " + rendered.bye_reason;
  return told;
}

// A decision in one line: `a/rule: 486 Busy Here`, after the ones that policies in SHADOW mode would have
// made: `(b/rule: 480 Call ended) a/rule: 486 Busy Here`.
inline std::string Told(const Choice& choice) {
  const auto id = [](const std::string& name) { return name.substr(name.find('/') + 1); };
  std::string told;
  for (const v1::ShadowDecision& shadow : choice.shadows) {
    told += '(' + id(shadow.policy()) + '/' + shadow.rule() + ": " + Told(shadow.treatment()) + ") ";
  }
  return told + id(choice.policy->policy().name()) + '/' + choice.rule->id() + ": " + Told(choice.treatment);
}

}  // namespace adieu::policy
