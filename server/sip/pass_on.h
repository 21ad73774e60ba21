#pragma once

#include <sofia-sip/sip.h>

#include <string>

#include "server/sip/passed_headers.h"
#include "server/sip/passed_message.h"

namespace adieu::sip {

// What of a received message goes on to the other leg: PassedHeaders, the options that both sides keep end to
// end (PassedOptions, where the message may carry them), and the body. Pure.
PassedMessage PassOn(const sip_t& sip, PassedFor what);

// The values of Reason (RFC 3326) as the value of one header. Empty: none, or none that is a clean line.
std::string PassedReason(const sip_t& sip);

// The value of From or To without its tag. `header` is neither null nor malformed.
std::string WithoutTag(const sip_addr_t& header);

}  // namespace adieu::sip
