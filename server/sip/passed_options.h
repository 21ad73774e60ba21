#pragma once

#include <sofia-sip/sip.h>

#include <string>

namespace adieu::sip {

// What a message says of extensions, for the other leg: `Supported`, `Require` and `Proxy-Require` with those
// option tags that hold end to end through a signalling-only B2BUA, as text for SIPTAG_HEADER_STR, each with
// CRLF. Requests and responses; tags in the spelling of their RFC, each once. Pure.
//
// Supported is always there, empty too (RFC 3261 20.37): without it the library would speak for itself.
// Require and Proxy-Require are there when a tag is left. Unknown tags are left out: whether they hold end to
// end is unknown. The library answers 420 by itself to a Require of what its own Supported does not have,
// `timer` too.
std::string PassedOptions(const sip_t& sip);

}  // namespace adieu::sip
