#pragma once

#include <sofia-sip/sip.h>
#include <sofia-sip/url.h>

#include <string>

#include "adieu/v1/call.pb.h"

namespace adieu::sip {

// Reads texts out of parsed SIP messages. Pure.

// scheme:user@host[:port], without parameters and headers. Empty for nullptr.
std::string UriText(const url_t* url);

// The values of the Reason header (RFC 3326), joined by `, `. Empty: none.
std::string ReasonText(const sip_t& sip);

// The branch of the topmost Via (RFC 3261 8.1.1.7). Empty: none.
std::string BranchOf(const sip_t& sip);

// What identifies the caller's side of a dialog in every message of it: Call-ID and the caller's tag, which
// is in From when the caller made the request and in To otherwise.
std::string DialogKey(const sip_t& sip, bool request_by_caller);

// Copies the headers of an INVITE that Leg.headers is documented to have.
void CopyHeaders(const sip_t& sip, v1::Leg* leg);

}  // namespace adieu::sip
