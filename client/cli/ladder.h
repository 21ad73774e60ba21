#pragma once

#include <ostream>

#include "adieu/v1/call.pb.h"

namespace adieu::cli {

// Draws the SIP ladder of a call, one message a line: milliseconds since the first message, who sent it to
// whom, the method or the status with its phrase (and the method that it answers, when that is not INVITE),
// the Reason header. Nothing when the call has no messages.
void PrintLadder(const v1::Call& call, std::ostream& out, bool colour);

}  // namespace adieu::cli
