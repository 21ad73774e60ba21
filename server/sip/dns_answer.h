#pragma once

#include <chrono>
#include <compare>
#include <string>
#include <vector>

namespace adieu::sip {

// What is asked of DNS and what it says. Values.

struct DnsQuestion {
  enum class Kind {
    // A and AAAA of the name.
    kAddresses,
    // SRV of `_sip._udp` or `_sip._tcp` below the name, then the addresses of their targets; without such
    // records the addresses of the name (RFC 3263 4.2).
    kSrvUdp,
    kSrvTcp,
  };
  // Lower case, without a last dot.
  std::string name;
  Kind kind = Kind::kAddresses;
  auto operator<=>(const DnsQuestion&) const = default;
};

// One SRV record with the addresses of its target, or the addresses of a name.
struct DnsService {
  // 0-65535, as in the record; 0 without one.
  int priority = 0;
  int weight = 0;
  // 0: there is no record.
  int port = 0;
  // IPv4, or IPv6 in brackets. Those to try first come first.
  std::vector<std::string> addresses;
  bool operator==(const DnsService&) const = default;
};

struct DnsAnswer {
  // In no order. Empty: there is nothing, or nobody said so in time.
  std::vector<DnsService> services;
  // The lowest of the records that were used.
  std::chrono::seconds ttl{0};
  bool operator==(const DnsAnswer&) const = default;
};

}  // namespace adieu::sip
