#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace adieu::base {

// IP addresses and networks as text. Pure; nothing is resolved.

struct IpAddress {
  // 4: the first four bytes count; 6: all sixteen.
  int version = 4;
  std::array<uint8_t, 16> bytes = {};

  bool operator==(const IpAddress&) const = default;
};

// `192.0.2.1` or `2001:db8::1`, without brackets, port or zone.
std::optional<IpAddress> ParseIp(std::string_view text);

// The canonical text (RFC 5952).
std::string FormatIp(const IpAddress& address);

// An IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`) as IPv4; others as they are.
IpAddress Unmapped(const IpAddress& address);

// 127.0.0.0/8 and ::1, written as IPv4-mapped too.
bool IsLoopback(const IpAddress& address);

// 0.0.0.0 and ::, written as IPv4-mapped too.
bool IsWildcard(const IpAddress& address);

// 224.0.0.0/4, ff00::/8 and 255.255.255.255.
bool IsMulticast(const IpAddress& address);

struct HostPort {
  // Without brackets. Not empty.
  std::string host;
  // 0-65535.
  int port = 0;
  // An IPv6 address stood in brackets.
  bool bracketed = false;
};

// `host:port`, `192.0.2.1:5060` or `[2001:db8::1]:5060`. The host is not looked at, but a colon needs
// brackets and brackets need an IPv6 address.
std::optional<HostPort> ParseHostPort(std::string_view text);

// Labels of letters, digits and `-`, divided by dots, at most 253 characters; not four numbers.
bool IsHostName(std::string_view text);

struct Network {
  IpAddress address;
  // 0-32 or 0-128.
  int prefix_length = 0;

  bool Contains(const IpAddress& other) const;
  // The network with the bits after the prefix cleared.
  Network Canonical() const;
  std::string ToString() const;
};

// CIDR: `192.0.2.0/24`, `2001:db8::/32`. Bits after the prefix may be set.
std::optional<Network> ParseNetwork(std::string_view text);

}  // namespace adieu::base
