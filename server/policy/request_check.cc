#include "server/policy/request_check.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "server/policy/ascii.h"
#include "server/policy/policy_name.h"
#include "server/policy/text_check.h"
#include "server/policy/treatment_check.h"

namespace adieu::policy {
namespace {

using Failure = std::optional<base::Error>;

constexpr std::string_view kCalls = "calls/";
constexpr size_t kMaxCallIdBytes = 64;
constexpr size_t kMaxSipCallIdBytes = 256;
constexpr size_t kMaxNoteBytes = 256;
constexpr size_t kMaxRequestIdBytes = 128;

// ASCII from `first` to `~`.
bool IsPrintable(std::string_view text, char first) {
  return std::all_of(text.begin(), text.end(), [first](char c) { return c >= first && c <= '~'; });
}

Failure CheckWhich(const v1::TerminateCallRequest& request) {
  switch (request.call_case()) {
    case v1::TerminateCallRequest::kName:
      if (IsCallName(request.name())) return std::nullopt;
      return base::InvalidField("name", "must be calls/{call}, {call} 1 to 64 letters, digits and hyphens");
    case v1::TerminateCallRequest::kSipCallId: {
      const std::string& id = request.sip_call_id();
      if (!id.empty() && id.size() <= kMaxSipCallIdBytes && IsPrintable(id, '!')) return std::nullopt;
      return base::InvalidField("sip_call_id", "must be 1 to 256 printable ASCII characters without spaces");
    }
    case v1::TerminateCallRequest::CALL_NOT_SET:
      break;
  }
  return base::InvalidField("name", "exactly one of name and sip_call_id must be set");
}

}  // namespace

std::optional<base::Error> CheckNote(const std::string& note) {
  return CheckText(note, kMaxNoteBytes, "note");
}

std::optional<base::Error> CheckRequestId(const std::string& request_id) {
  if (request_id.size() <= kMaxRequestIdBytes && IsPrintable(request_id, ' ')) return std::nullopt;
  return base::InvalidField("request_id", "must be at most 128 printable ASCII characters");
}

bool IsCallName(std::string_view name) {
  if (!name.starts_with(kCalls)) return false;
  name.remove_prefix(kCalls.size());
  return !name.empty() && name.size() <= kMaxCallIdBytes &&
         std::all_of(name.begin(), name.end(), [](char c) { return IsAlnum(c) || c == '-'; });
}

std::optional<base::Error> CheckTerminateRequest(const v1::TerminateCallRequest& request) {
  if (auto error = CheckWhich(request)) return error;
  if (!v1::Intent_IsValid(request.intent())) return base::InvalidField("intent", "is not an intent");
  if (!v1::Wait_IsValid(request.wait())) return base::InvalidField("wait", "is not a way to wait");
  if (auto error = CheckNote(request.note())) return error;
  if (auto error = CheckRequestId(request.request_id())) return error;
  if (request.has_treatment()) {
    if (auto error = CheckTreatment(request.treatment(), v1::TRIGGER_REQUEST, "treatment")) return error;
  }
  if (!request.policy().empty()) {
    if (!IsPolicyName(request.policy())) return base::InvalidField("policy", kPolicyNameForm);
    if (request.has_treatment()) {
      return base::InvalidField("policy", "must not be given together with treatment");
    }
  }
  return std::nullopt;
}

}  // namespace adieu::policy
