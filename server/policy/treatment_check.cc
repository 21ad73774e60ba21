#include "server/policy/treatment_check.h"

#include <cstdint>

#include "server/policy/contact_check.h"
#include "server/policy/header_check.h"
#include "server/policy/reason_check.h"
#include "server/policy/sip_uri.h"
#include "server/policy/text_check.h"
#include "server/policy/trigger_table.h"

namespace adieu::policy {
namespace {

using Failure = std::optional<base::Error>;

constexpr size_t kMaxPhraseBytes = 128;
constexpr size_t kMaxWarningTextBytes = 128;
constexpr size_t kMaxAgentBytes = 64;
constexpr size_t kMaxErrorInfoBytes = 512;
constexpr int64_t kMaxRetryAfterSeconds = int64_t{31} * 24 * 60 * 60;
constexpr int64_t kMaxByeAfterSeconds = 60;

Failure CheckRetryAfter(const google::protobuf::Duration& duration, const std::string& path) {
  const bool whole = duration.nanos() == 0;
  if (whole && duration.seconds() >= 1 && duration.seconds() <= kMaxRetryAfterSeconds) return std::nullopt;
  return base::InvalidField(path, "must be whole seconds, 1 s to 31 days");
}

Failure CheckWarning(const v1::Warning& warning, const std::string& path) {
  if (warning.code() < 300 || warning.code() > 399) {
    return base::InvalidField(Join(path, "code"), "must be 300-399");
  }
  const std::string& agent = warning.agent();
  if (!agent.empty() && (agent.size() > kMaxAgentBytes || (!IsToken(agent) && !ParseHostPort(agent)))) {
    return base::InvalidField(Join(path, "agent"), "must be a host or a token of at most 64 bytes");
  }
  if (warning.text().empty()) return base::InvalidField(Join(path, "text"), "is required");
  return CheckText(warning.text(), kMaxWarningTextBytes, Join(path, "text"));
}

Failure CheckErrorInfo(const std::string& uri, const std::string& path) {
  if (uri.empty()) return std::nullopt;
  if (auto error = CheckText(uri, kMaxErrorInfoBytes, path)) return error;
  if (ParseSipUri(uri) || IsTelUri(uri) || IsHttpUri(uri)) return std::nullopt;
  return base::InvalidField(path, "must be a sip, sips, tel, http or https URI");
}

Failure CheckFinalResponse(const v1::FinalResponse& response, const std::string& path) {
  if (response.status_code() < 400 || response.status_code() > 699) {
    return base::InvalidField(Join(path, "status_code"), "must be 400-699");
  }
  if (auto error = CheckText(response.reason_phrase(), kMaxPhraseBytes, Join(path, "reason_phrase")))
    return error;
  if (auto error = CheckResponseReasons(response.reasons(), response.status_code(), Join(path, "reasons"))) {
    return error;
  }
  if (auto error =
          CheckDerived(response.derive_reason(), response.status_code(), Join(path, "derive_reason"))) {
    return error;
  }
  if (response.has_retry_after()) {
    if (auto error = CheckRetryAfter(response.retry_after(), Join(path, "retry_after"))) return error;
  }
  if (response.has_warning()) {
    if (auto error = CheckWarning(response.warning(), Join(path, "warning"))) return error;
  }
  if (auto error = CheckErrorInfo(response.error_info(), Join(path, "error_info"))) return error;
  return CheckHeaders(response, path);
}

Failure CheckRedirect(const v1::Redirect& redirect, const std::string& path) {
  switch (redirect.status_code()) {
    case 0:
    case 300:
    case 301:
    case 302:
    case 305:
    case 380:
      return CheckContacts(redirect, path);
    default:
      return base::InvalidField(Join(path, "status_code"), "must be 300, 301, 302, 305 or 380, or 0 for 302");
  }
}

Failure CheckAnswerThenBye(const v1::AnswerThenBye& answer, const std::string& path) {
  const google::protobuf::Duration& after = answer.after();
  const bool valid = after.seconds() >= 0 && after.nanos() >= 0 && after.nanos() <= 999'999'999;
  const bool short_enough =
      after.seconds() < kMaxByeAfterSeconds || (after.seconds() == kMaxByeAfterSeconds && after.nanos() == 0);
  if (valid && short_enough) return std::nullopt;
  return base::InvalidField(Join(path, "after"), "must be 0 to 60 s");
}

Failure CheckCaller(const v1::Treatment& treatment, const std::string& path) {
  switch (treatment.caller_case()) {
    case v1::Treatment::kFinalResponse:
      return CheckFinalResponse(treatment.final_response(), Join(path, "final_response"));
    case v1::Treatment::kRedirect:
      return CheckRedirect(treatment.redirect(), Join(path, "redirect"));
    case v1::Treatment::kAnswerThenBye:
      return CheckAnswerThenBye(treatment.answer_then_bye(), Join(path, "answer_then_bye"));
    case v1::Treatment::kAsIntent:
      if (treatment.as_intent() != v1::INTENT_UNSPECIFIED && v1::Intent_IsValid(treatment.as_intent())) {
        return std::nullopt;
      }
      return base::InvalidField(Join(path, "as_intent"), "must be an intent other than INTENT_UNSPECIFIED");
    case v1::Treatment::kRelay:
    case v1::Treatment::kProceed:
    case v1::Treatment::CALLER_NOT_SET:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::optional<base::Error> CheckTreatment(const v1::Treatment& treatment, v1::Trigger trigger,
                                          const std::string& path) {
  if (auto error = CheckAllowed(treatment, trigger, path)) return error;
  if (auto error = CheckCaller(treatment, path)) return error;
  if (auto error = CheckReasons(treatment.cancel_reasons(), Join(path, "cancel_reasons"))) return error;
  return CheckReasons(treatment.bye_reasons(), Join(path, "bye_reasons"));
}

}  // namespace adieu::policy
