#pragma once

#include <string>

#include "adieu/v1/call.pb.h"
#include "adieu/v1/termination.pb.h"
#include "client/cli/table.h"

namespace adieu::cli {

// Cells that several tables share.

// RINGING and what is under way stand out, what is over is faint.
Cell StateCell(v1::CallState state);

// ENDED is good, HELD and SENT are under way, FAILED and TIMED_OUT are bad.
Cell OutcomeCell(v1::LegOutcome outcome);

// `480 Temporarily Unavailable`, or the method of a request that left. Empty: nothing left.
std::string Message(const v1::LegEnding& ending);

}  // namespace adieu::cli
