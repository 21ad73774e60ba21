#pragma once

#include <optional>
#include <string_view>

#include "adieu/v1/call_control_service.pb.h"
#include "server/base/error.h"

namespace adieu::policy {

// `calls/{call}`, {call} 1 to 64 letters, digits and hyphens.
bool IsCallName(std::string_view name);

// Checks a TerminateCallRequest on its own, before any call is looked up: exactly one of name and
// sip_call_id, the form and length of every text, enum numbers, the treatment. INVALID_FIELD with the path of
// the field; UNIMPLEMENTED (POLICIES_NOT_BUILT) when `policy` is given and nothing is wrong. Does not know
// this server's own addresses: see contact_check.h. Pure.
std::optional<base::Error> CheckTerminateRequest(const v1::TerminateCallRequest& request);

}  // namespace adieu::policy
