#include "server/policy/builtin.h"

#include <string>

#include "server/policy/phone_family.h"
#include "server/policy/standard_phrase.h"

namespace adieu::policy {
namespace {

constexpr int kNormalClearing = 16;
constexpr std::string_view kNormalClearingText = "Normal call clearing";
constexpr std::string_view kCallEnded = "Call ended";
constexpr std::string_view kWarningAgent = "adieu";
constexpr int kTryLaterSeconds = 120;
constexpr int kMaintenanceSeconds = 60;

void SetQ850(v1::Reason& reason, int cause, std::string_view text) {
  reason.set_q850_cause(cause);
  reason.set_text(std::string(text));
}

v1::FinalResponse Plain(int status_code) {
  v1::FinalResponse response;
  response.set_status_code(status_code);
  response.set_reason_phrase(std::string(StandardPhrase(status_code)));
  return response;
}

v1::FinalResponse TryLater(int seconds) {
  v1::FinalResponse response = Plain(480);
  response.mutable_retry_after()->set_seconds(seconds);
  return response;
}

v1::FinalResponse Ended(int status_code) {
  v1::FinalResponse response;
  response.set_status_code(status_code);
  response.set_reason_phrase(std::string(kCallEnded));
  return response;
}

v1::FinalResponse EndedNormally(std::string_view reason_text) {
  v1::FinalResponse response = Ended(480);
  SetQ850(*response.add_reasons(), kNormalClearing, reason_text);
  return response;
}

// The response that this family shows as a normal end, or with the least noise. What was measured or read of
// each family decides; a Q.850 Reason stays away from soft clients because Linphone plays a tone for it.
v1::FinalResponse Quiet(PhoneFamily family) {
  switch (family) {
    case PhoneFamily::kLinphone5:  // 480: neither tone nor words; 487 beeps as after hanging up
    case PhoneFamily::kJsSip:      // 480: "Unavailable"; 487 has no cause of its own
    case PhoneFamily::kSipJs:
    case PhoneFamily::kAsterisk:  // 480: no answer; a bare 487 becomes CHANUNAVAIL
      return Ended(480);
    case PhoneFamily::kDeskPhone:  // some show the text of the Reason
      return EndedNormally(kCallEnded);
    case PhoneFamily::kSwitch:
    case PhoneFamily::kNone:
      return EndedNormally(kNormalClearingText);
    case PhoneFamily::kBaresip:     // 487: the only code without a tone
    case PhoneFamily::kLinphone6:   // 480 shows words
    case PhoneFamily::kTwinkle:     // treats every code alike and shows the phrase
    case PhoneFamily::kPjsua:       // as Twinkle
    case PhoneFamily::kJami:        // 487: ends normally
    case PhoneFamily::kFreeSwitch:  // 487: ORIGINATOR_CANCEL
    case PhoneFamily::kSoftClient:
      break;
  }
  return Ended(487);
}

v1::FinalResponse ResponseFor(v1::Intent intent, std::string_view user_agent) {
  switch (intent) {
    case v1::INTENT_BUSY:
      return Plain(486);
    case v1::INTENT_DECLINED:
    case v1::INTENT_BLOCKED:
      return Plain(603);
    case v1::INTENT_TRY_LATER:
      return TryLater(kTryLaterSeconds);
    case v1::INTENT_MAINTENANCE:
      return TryLater(kMaintenanceSeconds);
    case v1::INTENT_NOT_FOUND:
      return Plain(404);
    case v1::INTENT_FORBIDDEN:
      return Plain(403);
    case v1::INTENT_MOVED:
      return Plain(410);
    default:
      return Quiet(FamilyOf(user_agent));
  }
}

// What the caller's oneof of a complete treatment leaves open.
void FillCaller(v1::Treatment& treatment) {
  if (treatment.has_redirect() && treatment.redirect().status_code() == 0) {
    treatment.mutable_redirect()->set_status_code(302);
  }
  if (!treatment.has_final_response()) return;
  v1::FinalResponse& response = *treatment.mutable_final_response();
  if (response.reason_phrase().empty()) {
    response.set_reason_phrase(std::string(StandardPhrase(response.status_code())));
  }
  if (response.has_warning() && response.warning().agent().empty()) {
    response.mutable_warning()->set_agent(std::string(kWarningAgent));
  }
}

}  // namespace

v1::Treatment Builtin(v1::Intent intent, std::string_view user_agent) {
  v1::Treatment treatment;
  *treatment.mutable_final_response() = ResponseFor(intent, user_agent);
  if (intent == v1::INTENT_DECLINED) {
    treatment.add_cancel_reasons()->set_sip_status(603);
  } else if (intent == v1::INTENT_ELSEWHERE) {
    // The text is part of it: some phones compare it (RFC 3326 3.1).
    v1::Reason& reason = *treatment.add_cancel_reasons();
    reason.set_sip_status(200);
    reason.set_text("Call completed elsewhere");
  }
  SetQ850(*treatment.add_bye_reasons(), kNormalClearing, kNormalClearingText);
  return treatment;
}

v1::Treatment Complete(const v1::Treatment& given, v1::Intent intent, std::string_view user_agent) {
  const bool as_intent = given.caller_case() == v1::Treatment::kAsIntent;
  const v1::Treatment builtin = Builtin(as_intent ? given.as_intent() : intent, user_agent);
  v1::Treatment complete = given;
  if (as_intent || given.caller_case() == v1::Treatment::CALLER_NOT_SET) {
    *complete.mutable_final_response() = builtin.final_response();
  }
  FillCaller(complete);
  if (complete.cancel_reasons().empty()) *complete.mutable_cancel_reasons() = builtin.cancel_reasons();
  if (complete.bye_reasons().empty()) *complete.mutable_bye_reasons() = builtin.bye_reasons();
  return complete;
}

}  // namespace adieu::policy
