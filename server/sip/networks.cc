#include "server/sip/networks.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace adieu::sip {
namespace {

std::optional<base::IpAddress> AddressOf(const sockaddr_storage& source) {
  base::IpAddress address;
  if (source.ss_family == AF_INET) {
    std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in*>(&source)->sin_addr, 4);
    return address;
  }
  if (source.ss_family != AF_INET6) return std::nullopt;
  address.version = 6;
  std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(&source)->sin6_addr, 16);
  return base::Unmapped(address);
}

}  // namespace

base::Result<Networks> Networks::Parse(const std::vector<std::string>& cidrs, const std::string& path) {
  Networks networks;
  for (size_t i = 0; i < cidrs.size(); ++i) {
    const auto network = base::ParseNetwork(cidrs[i]);
    if (!network) {
      return base::InvalidField(path + "[" + std::to_string(i) + "]",
                                "must be a network in CIDR form, as 192.0.2.0/24 or 2001:db8::/32");
    }
    networks.networks_.push_back(*network);
  }
  return networks;
}

bool Networks::Has(const sockaddr_storage& source) const {
  if (networks_.empty()) return true;
  const auto address = AddressOf(source);
  return address && std::any_of(networks_.begin(), networks_.end(),
                                [&](const base::Network& network) { return network.Contains(*address); });
}

}  // namespace adieu::sip
