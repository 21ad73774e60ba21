#pragma once

#include <optional>
#include <string>

struct sip_contact_s;
struct su_home_s;

namespace adieu::sip {

// The parser guards: own versions of functions of the SIP library, defined in this executable under the
// library's names (the library calls them through symbols that the executable may replace, and the linker
// exports them because the library defines them too). They hold for every transport, before any state is
// made:
//  - sip_contact_d, sip_record_route_d: refuse what is neither sip nor sips or has no host. A dialog with
//  such
//    a target cannot be ended: the library recurses and aborts the process. The Contacts of a 3xx are let
//    through: msg_extract, which hands on, says what is being read.
//  - sip_content_length_d: refuses more than kMaxContentLength. The library's size check does not reach the
//    second message of a stream and wraps around.
//  - msg_extract: bounds every message of a stream to kMaxMessage. The library bounds the first one only.
//  - su_getmsgsize: a stream is read by kMaxRead at a time, not as much as is there: that may be many
//  messages,
//    and is no measure of one.
//  - url_param: the library's reads past the end of the parameters.
// Process-wide; no state but a thread-local exemption for our own redirects.

// Octets of a message with its body. What is larger gets 413 where its header could be read, or its
// connection is closed.
inline constexpr unsigned kMaxMessage = 64U << 10;
inline constexpr int kMaxRead = 16 << 10;

// Octets.
inline constexpr unsigned kMaxContentLength = 1U << 20;

// Checks that the library really calls the guards. Nothing: all hold; otherwise which does not.
std::optional<std::string> MissingParserGuard();

// Parses the Contact value of our own redirect, tel URIs included, as headers on `home`. nullptr: cannot be
// parsed.
sip_contact_s* MakeOwnContact(su_home_s* home, const char* value);

}  // namespace adieu::sip
