#pragma once

#include <optional>
#include <string>

#include "adieu/v1/treatment.pb.h"
#include "server/base/error.h"

namespace adieu::policy {

using Reasons = google::protobuf::RepeatedPtrField<v1::Reason>;

// Checks Reason values (RFC 3326): a cause in its range, a clean text, a location of RFC 8606, one value per
// protocol. `path`: of the repeated field. Pure.
std::optional<base::Error> CheckReasons(const Reasons& reasons, const std::string& path);

// The same for a response with this status code, which each value must agree with (causes.h). Pure.
std::optional<base::Error> CheckResponseReasons(const Reasons& reasons, int status_code,
                                                const std::string& path);

// Whether this map has a cause for the status code. `path`: of the field with the map. Pure.
std::optional<base::Error> CheckDerived(v1::CauseMap map, int status_code, const std::string& path);

}  // namespace adieu::policy
