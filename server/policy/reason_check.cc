#include "server/policy/reason_check.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "server/policy/causes.h"
#include "server/policy/text_check.h"

namespace adieu::policy {
namespace {

constexpr size_t kMaxTextBytes = 128;

std::optional<base::Error> CheckCause(const v1::Reason& reason, const std::string& path) {
  switch (reason.cause_case()) {
    case v1::Reason::kSipStatus:
      if (reason.sip_status() >= 200 && reason.sip_status() <= 699) return std::nullopt;
      return base::InvalidField(Join(path, "sip_status"), "must be 200-699");
    case v1::Reason::kQ850Cause:
      if (reason.q850_cause() >= 1 && reason.q850_cause() <= 127) return std::nullopt;
      return base::InvalidField(Join(path, "q850_cause"), "must be 1-127");
    case v1::Reason::CAUSE_NOT_SET:
      break;
  }
  return base::InvalidField(path, "exactly one of sip_status and q850_cause must be set");
}

// RFC 8606 4; compared as written there, because that is how it leaves.
std::optional<base::Error> CheckLocation(const v1::Reason& reason, const std::string& path) {
  if (reason.location().empty()) return std::nullopt;
  if (!reason.has_q850_cause()) return base::InvalidField(path, "is for q850_cause only (RFC 8606)");
  constexpr std::array<std::string_view, 9> kLocations = {"U",   "LPN",   "LN",   "TN", "RLN",
                                                          "RPN", "LOC-6", "INTL", "BI"};
  if (std::find(kLocations.begin(), kLocations.end(), reason.location()) != kLocations.end()) {
    return std::nullopt;
  }
  return base::InvalidField(path, "must be U, LPN, LN, TN, RLN, RPN, LOC-6, INTL or BI (RFC 8606 4)");
}

}  // namespace

std::optional<base::Error> CheckReasons(const Reasons& reasons, const std::string& path) {
  bool sip = false;
  bool q850 = false;
  for (int i = 0; i < reasons.size(); ++i) {
    const v1::Reason& reason = reasons[i];
    const std::string here = At(path, i);
    if (auto error = CheckCause(reason, here)) return error;
    if (auto error = CheckText(reason.text(), kMaxTextBytes, Join(here, "text"))) return error;
    if (auto error = CheckLocation(reason, Join(here, "location"))) return error;
    bool& seen = reason.has_sip_status() ? sip : q850;
    if (seen) return base::InvalidField(here, "at most one value per protocol (RFC 3326 2)");
    seen = true;
  }
  return std::nullopt;
}

std::optional<base::Error> CheckResponseReasons(const Reasons& reasons, int status_code,
                                                const std::string& path) {
  if (auto error = CheckReasons(reasons, path)) return error;
  for (int i = 0; i < reasons.size(); ++i) {
    if (AgreesWithCode(status_code, reasons[i])) continue;
    const bool sip = reasons[i].has_sip_status();
    const int cause = sip ? reasons[i].sip_status() : reasons[i].q850_cause();
    return base::InvalidField(
        Join(At(path, i), sip ? "sip_status" : "q850_cause"),
        "cause " + std::to_string(cause) + " contradicts the status code " + std::to_string(status_code));
  }
  return std::nullopt;
}

std::optional<base::Error> CheckDerived(v1::CauseMap map, int status_code, const std::string& path) {
  if (map == v1::CAUSE_MAP_UNSPECIFIED) return std::nullopt;
  if (!v1::CauseMap_IsValid(map)) return base::InvalidField(path, "is not a map of causes");
  if (CauseOfStatus(map, status_code) != 0) return std::nullopt;
  return base::InvalidField(
      path, v1::CauseMap_Name(map) + " has no cause for the status code " + std::to_string(status_code));
}

}  // namespace adieu::policy
