#include "client/cli/treatment_text.h"

#include <google/protobuf/util/time_util.h>

#include "client/cli/enums.h"

namespace adieu::cli {
namespace {

using google::protobuf::util::TimeUtil;

std::string Reasons(const google::protobuf::RepeatedPtrField<v1::Reason>& reasons) {
  std::string text;
  for (const auto& reason : reasons) text += (text.empty() ? "" : ", ") + ReasonText(reason);
  return text;
}

std::string FinalResponseText(const v1::FinalResponse& response) {
  std::string text = std::to_string(response.status_code());
  if (!response.reason_phrase().empty()) text += " " + response.reason_phrase();
  if (!response.reasons().empty()) text += ", Reason: " + Reasons(response.reasons());
  if (response.derive_reason() != v1::CAUSE_MAP_UNSPECIFIED) {
    text += ", Reason by " + ShortName(response.derive_reason());
  }
  if (response.has_retry_after()) {
    text += ", Retry-After: " + std::to_string(TimeUtil::DurationToSeconds(response.retry_after()));
  }
  if (response.has_warning()) {
    const auto& warning = response.warning();
    const std::string agent = warning.agent().empty() ? "adieu" : warning.agent();
    text += ", Warning: " + std::to_string(warning.code()) + " " + agent + " \"" + warning.text() + "\"";
  }
  if (!response.error_info().empty()) text += ", Error-Info: <" + response.error_info() + ">";
  for (const auto& header : response.headers()) text += ", " + header.name() + ": " + header.value();
  return text;
}

std::string RedirectText(const v1::Redirect& redirect) {
  std::string text = std::to_string(redirect.status_code() == 0 ? 302 : redirect.status_code()) + " to ";
  for (int i = 0; i < redirect.contacts_size(); ++i) text += (i > 0 ? ", " : "") + redirect.contacts(i);
  return text;
}

std::string CallerText(const v1::Treatment& treatment) {
  switch (treatment.caller_case()) {
    case v1::Treatment::kFinalResponse:
      return FinalResponseText(treatment.final_response());
    case v1::Treatment::kRedirect:
      return RedirectText(treatment.redirect());
    case v1::Treatment::kAnswerThenBye: {
      const auto& after = treatment.answer_then_bye().after();
      const bool at_once = after.seconds() == 0 && after.nanos() == 0;
      return "200 OK, then BYE " + (at_once ? "at once" : "after " + TimeUtil::ToString(after));
    }
    case v1::Treatment::kAsIntent:
      return "as intent " + ShortName(treatment.as_intent());
    case v1::Treatment::kRelay:
      return "relay what the other side sent";
    case v1::Treatment::kProceed:
      return "let the call go on";
    case v1::Treatment::CALLER_NOT_SET:
      break;
  }
  return "the built-in answer";
}

}  // namespace

std::string ReasonText(const v1::Reason& reason) {
  std::string text = reason.has_q850_cause() ? "Q.850;cause=" + std::to_string(reason.q850_cause())
                                             : "SIP;cause=" + std::to_string(reason.sip_status());
  if (!reason.text().empty()) text += ";text=\"" + reason.text() + "\"";
  if (!reason.location().empty()) text += ";location=" + reason.location();
  return text;
}

std::string TreatmentText(const v1::Treatment& treatment) {
  std::string text = CallerText(treatment);
  if (!treatment.cancel_reasons().empty()) text += " | CANCEL: " + Reasons(treatment.cancel_reasons());
  if (!treatment.bye_reasons().empty()) text += " | BYE: " + Reasons(treatment.bye_reasons());
  return text;
}

std::string ShadowText(const v1::ShadowDecision& shadow) {
  return shadow.policy() + ", rule " + shadow.rule() + ": " + TreatmentText(shadow.treatment());
}

}  // namespace adieu::cli
