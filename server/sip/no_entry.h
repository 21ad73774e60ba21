#pragma once

#include <sofia-sip/sip.h>

#include <optional>
#include <string>

#include "server/base/sip_target.h"
#include "server/metrics/labels.h"

namespace adieu::sip {

// What a new INVITE gets that may not come in. Pure.
struct NoEntry {
  int status;
  const char* phrase;
  // Not empty: 302 with this Contact. Otherwise 503 with this Retry-After, in seconds.
  std::string contact;
  const char* retry_after;
};

// `elsewhere`: where callers are sent while the server drains. A user part that is no plain one (RFC
// 3261 25.1) is left out of the Contact.
NoEntry NoEntryFor(metrics::RejectReason reason, const std::optional<base::SipTarget>& elsewhere,
                   const sip_t& invite);

}  // namespace adieu::sip
