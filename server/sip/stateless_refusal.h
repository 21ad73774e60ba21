#pragma once

#include <netinet/in.h>
#include <sofia-sip/sip.h>

#include <optional>
#include <string>

#include "server/sip/no_entry.h"

namespace adieu::sip {

// A response to a new INVITE that is sent without the stack and leaves nothing behind (RFC 3261 8.2.7):
// refusing must cost much less than serving. Pure.
struct StatelessRefusal {
  std::string text;
  // Where Via says that it goes (RFC 3261 18.2.2, RFC 3581 4).
  sockaddr_storage to;
};

// `source`: where the request came from. `tag`: for To, the same for each retransmission. Nothing: a header
// that a response needs is missing or unfit.
std::optional<StatelessRefusal> RefuseStatelessly(const sip_t& request, const sockaddr_storage& source,
                                                  const std::string& tag, const NoEntry& answer);

}  // namespace adieu::sip
