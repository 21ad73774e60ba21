#pragma once

#include <string>
#include <string_view>

#include "server/base/error.h"

namespace adieu::base {

// Where calls are sent on, as a configuration writes it. Pure; nothing is resolved.
struct SipTarget {
  enum class Transport { kUnspecified, kUdp, kTcp };

  // As written, escapes included. Empty: none.
  std::string user;
  // As written, an IPv6 address without brackets.
  std::string host;
  // The host is an IPv6 address.
  bool bracketed = false;
  // 1-65535. 0: none given.
  int port = 0;
  Transport transport = Transport::kUnspecified;
};

// `sip:[user@]host[:port][;transport=udp|tcp][;lr]`, at most 512 bytes. The host is a DNS name, an IPv4
// address or an IPv6 address in brackets. Scheme and parameters in any case. INVALID_ARGUMENT (INVALID_FIELD)
// for any other text; its message is one clause that follows the name of what is wrong (`must be ...`, `has
// ...`), and quotes nothing of the text.
Result<SipTarget> ParseSipTarget(std::string_view text);

}  // namespace adieu::base
