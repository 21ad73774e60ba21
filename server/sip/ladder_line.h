#pragma once

#include <sofia-sip/sip.h>

#include "adieu/v1/call.pb.h"

namespace adieu::sip {

// One line of a call's ladder, of the caller leg, as of now.
v1::SipMessage LadderLine(v1::LegSide side, v1::Direction direction, const sip_t& sip);

}  // namespace adieu::sip
