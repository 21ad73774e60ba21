#pragma once

#include <string>

#include "server/base/error.h"

namespace adieu::engine {

// The errors of cancel_policy_service.proto. `policy` is a name.

base::Error PolicyNotFound(const std::string& policy);
base::Error PolicyExists(const std::string& policy);
base::Error PolicyReadOnly(const std::string& policy);
base::Error EtagMismatch(const std::string& policy, const std::string& current_etag);
base::Error TooManyPolicies();
base::Error Draining();

}  // namespace adieu::engine
