#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace adieu::sip {

// Where a call is sent on to, as it is configured: `sip:[user@]host[:port][;transport=udp|tcp][;lr]`. A
// value.
struct Target {
  // As written, escapes too. Empty: not given.
  std::string user;
  // A name in lower case, or an address in its shortest form, without brackets.
  std::string host;
  bool is_ipv6 = false;
  // 1-65535; 0: not given.
  int port = 0;
  // `udp` or `tcp`; empty: not given.
  std::string transport;

  // No value: it is none. sips, a password, headers, other parameters, and an address that nobody has
  // (0.0.0.0, ::, multicast) are refused.
  static std::optional<Target> Parse(std::string_view uri);

  // `host`, or `host:port` where the port was given; an IPv6 address in brackets.
  std::string HostPort() const;

  bool operator==(const Target&) const = default;
};

}  // namespace adieu::sip
