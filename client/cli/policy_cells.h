#pragma once

#include "adieu/v1/cancel_policy.pb.h"
#include "client/cli/table.h"

namespace adieu::cli {

// ENFORCED is good, SHADOW stands out, DISABLED is faint.
Cell ModeCell(v1::CancelPolicyMode mode);

}  // namespace adieu::cli
