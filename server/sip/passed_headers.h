#pragma once

#include <sofia-sip/sip.h>

#include <cstddef>
#include <string>

namespace adieu::sip {

// What a forwarded call's message is for; the message that was received is of the same kind.
enum class PassedFor {
  // The INVITE that begins the callee leg.
  kInvite,
  // A response to that INVITE.
  kResponse,
  // A request within the dialog (re-INVITE, UPDATE, INFO, OPTIONS, MESSAGE, PRACK, REFER, NOTIFY).
  kInDialogRequest,
  // A response to one.
  kInDialogResponse,
};

// Octets of header text that go from one leg to the other.
inline constexpr size_t kMaxPassedHeaders = 16384;

// The header fields of a received message that go through to the other leg, in their order, as text for
// SIPTAG_HEADER_STR: `Name: value` and CRLF each, on one line. Pure.
//
// Everything goes through, headers that nobody knows too, but
//  - what each leg has of its own: dialog and transaction (Via, From, To, Call-ID, CSeq, Contact, Route,
//    Record-Route, Path, Service-Route, Max-Forwards, RSeq, RAck, Timestamp, Content-Length), what the sender
//    is and can (User-Agent, Server, Allow, Allow-Events, Supported, Require, Proxy-Require: see
//    PassedOptions), ids of dialogs (Replaces, Join, Target-Dialog), the agreement with the next hop
//    (Security-*, RFC 3329) and the hop header (see CheckHops);
//  - Retry-After of a 503 to the INVITE: the 500 that the caller gets instead says nothing of that target
//    (RFC 3261 21.5.4);
//  - what the library could not read, or what is no clean line (see AppendOnOneLine);
//  - the last ones, when all are more than kMaxPassedHeaders.
// `left_out` gets the number of those of the last two kinds.
//
// Content-Type and the like go through as well: the body needs no header of its own beside them.
std::string PassedHeaders(const sip_t& sip, PassedFor what, int* left_out = nullptr);

}  // namespace adieu::sip
