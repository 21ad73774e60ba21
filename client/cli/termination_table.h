#pragma once

#include <ostream>

#include "adieu/v1/call_control_service.pb.h"
#include "adieu/v1/termination.pb.h"

namespace adieu::cli {

// One termination: what was decided, then one line per leg with what was sent and what came of it.
void PrintTermination(const v1::Termination& termination, std::ostream& out, bool colour);

// Many: one line per leg, one for a termination without legs.
void PrintTerminations(const v1::ListTerminationsResponse& terminations, std::ostream& out, bool colour);

}  // namespace adieu::cli
