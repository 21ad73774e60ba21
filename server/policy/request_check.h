#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adieu/v1/call_control_service.pb.h"
#include "server/base/error.h"

namespace adieu::policy {

// `calls/{call}`, {call} 1 to 64 letters, digits and hyphens.
bool IsCallName(std::string_view name);

// The fields `note` and `request_id` of any request: at most 256 bytes of UTF-8 without control characters;
// at most 128 printable ASCII characters. Both may be empty.
std::optional<base::Error> CheckNote(const std::string& note);
std::optional<base::Error> CheckRequestId(const std::string& request_id);

// Checks a TerminateCallRequest on its own, before any call is looked up: exactly one of name and
// sip_call_id, the form and length of every text, enum numbers, the treatment, not a policy beside it.
// INVALID_FIELD with the path of the field. Knows neither the policies nor this server's own addresses
// (contact_check.h). Pure.
std::optional<base::Error> CheckTerminateRequest(const v1::TerminateCallRequest& request);

}  // namespace adieu::policy
