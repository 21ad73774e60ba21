#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace adieu::policy {

// An IPv4 or IPv6 network. A value. Pure.
class Network {
 public:
  // CIDR form: `192.0.2.0/24`, `2001:db8::/32`. Bits behind the prefix are ignored. No value: it is none.
  static std::optional<Network> Parse(std::string_view cidr);

  // Whether an address lies in it: with or without port, IPv6 with or without brackets. An IPv4 address in
  // IPv6 form (`::ffff:192.0.2.1`) is an IPv4 address. What is no address lies nowhere.
  bool Contains(std::string_view address) const;

 private:
  // An IPv4 address as `::ffff:a.b.c.d`.
  std::array<unsigned char, 16> bytes_{};
  // 0-128, of the IPv6 form.
  int prefix_ = 0;
};

}  // namespace adieu::policy
