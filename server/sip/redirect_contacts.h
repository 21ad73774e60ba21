#pragma once

#include <sofia-sip/sip.h>

#include <string>

namespace adieu::sip {

// The Contacts of a response that sends the caller elsewhere (3xx, and 485: RFC 3261 21.4.23), in their
// order, as one value for SIPTAG_CONTACT_STR: as sent where the library kept the text, divided by `, `.
// Empty: another response, or none. What is no clean line (see AppendOnOneLine) or does not fit into
// kMaxPassedHeaders is left out. Pure.
std::string RedirectContacts(const sip_t& sip);

}  // namespace adieu::sip
