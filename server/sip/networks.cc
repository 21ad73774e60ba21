#include "server/sip/networks.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace adieu::sip {
namespace {

constexpr int kMappedBits = 96;

std::array<uint8_t, 16> Mapped(const in_addr& v4) {
  std::array<uint8_t, 16> mapped{};
  mapped[10] = mapped[11] = 0xff;
  std::memcpy(mapped.data() + 12, &v4, 4);
  return mapped;
}

std::optional<int> PrefixOf(const std::string& text, int max) {
  int bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return bits >= 0 && bits <= max ? std::optional(bits) : std::nullopt;
}

}  // namespace

base::Result<Networks> Networks::Parse(const std::vector<std::string>& cidrs, const std::string& path) {
  Networks networks;
  for (size_t i = 0; i < cidrs.size(); ++i) {
    const size_t slash = cidrs[i].find('/');
    const std::string host = cidrs[i].substr(0, slash);
    const std::string prefix = slash == std::string::npos ? "" : cidrs[i].substr(slash + 1);
    Network network;
    in_addr v4{};
    std::optional<int> bits;
    if (inet_pton(AF_INET, host.c_str(), &v4) == 1) {
      bits = PrefixOf(prefix, 32);
      network.address = Mapped(v4);
      network.bits = kMappedBits + bits.value_or(0);
    } else if (inet_pton(AF_INET6, host.c_str(), network.address.data()) == 1) {
      bits = PrefixOf(prefix, 128);
      network.bits = bits.value_or(0);
    }
    if (!bits) {
      return base::InvalidField(path + "[" + std::to_string(i) + "]",
                                "must be a network in CIDR form, as 192.0.2.0/24 or 2001:db8::/32");
    }
    networks.networks_.push_back(network);
  }
  return networks;
}

bool Networks::Has(const sockaddr_storage& source) const {
  if (networks_.empty()) return true;
  std::array<uint8_t, 16> address{};
  if (source.ss_family == AF_INET) {
    address = Mapped(reinterpret_cast<const sockaddr_in*>(&source)->sin_addr);
  } else if (source.ss_family == AF_INET6) {
    std::memcpy(address.data(), &reinterpret_cast<const sockaddr_in6*>(&source)->sin6_addr, address.size());
  } else {
    return false;
  }
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    const size_t whole = static_cast<size_t>(network.bits) / 8;
    if (!std::equal(address.begin(), address.begin() + static_cast<long>(whole), network.address.begin()))
      return false;
    const int rest = network.bits % 8;
    if (rest == 0) return true;
    const int mask = 0xff << (8 - rest) & 0xff;
    return ((address[whole] ^ network.address[whole]) & mask) == 0;
  });
}

}  // namespace adieu::sip
