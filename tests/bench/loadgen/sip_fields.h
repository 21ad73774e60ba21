#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace adieu::bench {

// The fields of a SIP message that a phone of the through load needs; the views point into the datagram.
struct SipFields {
  // 0: a request.
  int status = 0;
  // Of the request, or of the CSeq of the response.
  std::string_view method;
  std::string_view call_id;
  std::string_view to;
  // The value of X-Bench. Empty: there is none.
  std::string_view bench;
  // The URI in Contact. Empty: there is none.
  std::string_view contact;
  // Lines, CRLF each, in their order: the Record-Routes; Via, From, Call-ID and CSeq.
  std::string record_routes;
  std::string repeated;
};

// Nothing when the datagram is not a whole SIP message.
std::optional<SipFields> ParseSip(std::string_view datagram);

}  // namespace adieu::bench
