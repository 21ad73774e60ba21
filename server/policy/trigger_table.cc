#include "server/policy/trigger_table.h"

#include "server/policy/text_check.h"

namespace adieu::policy {
namespace {

using Failure = std::optional<base::Error>;

Failure Refused(const std::string& path, v1::Trigger trigger, const std::string& why) {
  return base::InvalidField(path, "is not allowed with " + v1::Trigger_Name(trigger) + ": " + why);
}

}  // namespace

v1::Intent IntentOf(v1::Trigger trigger, v1::Intent requested) {
  switch (trigger) {
    case v1::TRIGGER_REQUEST:
      return requested == v1::INTENT_UNSPECIFIED || !v1::Intent_IsValid(requested) ? v1::INTENT_QUIET
                                                                                   : requested;
    case v1::TRIGGER_RING_TIMEOUT:
      return v1::INTENT_TRY_LATER;
    case v1::TRIGGER_DRAIN:
      return v1::INTENT_MAINTENANCE;
    default:
      return v1::INTENT_UNSPECIFIED;
  }
}

bool CanAskWith(v1::Trigger trigger, v1::Intent intent) {
  return intent != v1::INTENT_UNSPECIFIED && IntentOf(trigger, intent) == intent;
}

v1::Intent FillIntentOf(v1::Trigger trigger, v1::Intent requested) {
  const v1::Intent intent = IntentOf(trigger, requested);
  return intent == v1::INTENT_UNSPECIFIED ? v1::INTENT_QUIET : intent;
}

bool MustBeNamed(int far_end_status) {
  return far_end_status == 401 || far_end_status == 407 || far_end_status == 422 ||
         (far_end_status >= 300 && far_end_status <= 399);
}

std::optional<base::Error> CheckAllowed(const v1::Treatment& treatment, v1::Trigger trigger,
                                        const std::string& path) {
  const auto kind = treatment.caller_case();
  if (trigger == v1::TRIGGER_CALLER_CANCEL) {
    if (kind != v1::Treatment::CALLER_NOT_SET && kind != v1::Treatment::kRelay) {
      return Refused(path, trigger, "the caller is gone, which leaves cancel_reasons and relay");
    }
    if (!treatment.bye_reasons().empty()) {
      return Refused(Join(path, "bye_reasons"), trigger,
                     "nobody has answered, which leaves cancel_reasons and relay");
    }
    return std::nullopt;
  }
  if (kind == v1::Treatment::kRelay && trigger != v1::TRIGGER_FAR_END_FAILURE) {
    return Refused(Join(path, "relay"), trigger, "there is no far end's response to relay");
  }
  if (kind == v1::Treatment::kProceed && trigger != v1::TRIGGER_ARRIVAL) {
    return Refused(Join(path, "proceed"), trigger, "it is for the arrival of a call only");
  }
  return std::nullopt;
}

}  // namespace adieu::policy
