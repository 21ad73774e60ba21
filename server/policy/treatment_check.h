#pragma once

#include <optional>
#include <string>

#include "adieu/v1/termination.pb.h"
#include "adieu/v1/treatment.pb.h"
#include "server/base/error.h"

namespace adieu::policy {

// Checks every limit of treatment.proto, and that the trigger allows this kind of treatment. `path` is the
// path of the treatment in the request (`treatment`); errors are INVALID_FIELD with the full path of the
// field. What is accepted can be completed and rendered. Does not know this server's own addresses: see
// contact_check.h. Pure.
std::optional<base::Error> CheckTreatment(const v1::Treatment& treatment, v1::Trigger trigger,
                                          const std::string& path);

}  // namespace adieu::policy
