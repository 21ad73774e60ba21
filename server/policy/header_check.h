#pragma once

#include <optional>
#include <string>

#include "adieu/v1/treatment.pb.h"
#include "server/base/error.h"

namespace adieu::policy {

// Checks `headers` of a final response: number, names, values, none that the dialog, the transaction or a
// field of its own decides (in long or compact form), and those that the status code demands: Allow with 405
// and Require with 421 only, Call-Info with 608 (RFC 8688). `path`: of the response. Pure.
std::optional<base::Error> CheckHeaders(const v1::FinalResponse& response, const std::string& path);

}  // namespace adieu::policy
