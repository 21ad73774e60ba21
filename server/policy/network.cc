#include "server/policy/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "server/policy/ascii.h"

namespace adieu::policy {
namespace {

using Bytes = std::array<unsigned char, 16>;

// How many bits of the IPv6 form stand before an IPv4 address.
constexpr int kMappedBits = 96;

bool IsMapped(const Bytes& bytes) {
  constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  return std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
}

std::optional<Bytes> ParseV4(const std::string& text) {
  Bytes bytes{};
  bytes[10] = bytes[11] = 0xFF;
  if (inet_pton(AF_INET, text.c_str(), bytes.data() + kMappedBits / 8) != 1) return std::nullopt;
  return bytes;
}

std::optional<Bytes> ParseV6(const std::string& text) {
  Bytes bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return std::nullopt;
  return bytes;
}

std::string WithoutPort(std::string_view address) {
  if (address.starts_with('[')) return std::string(address.substr(1, address.find(']') - 1));
  if (std::count(address.begin(), address.end(), ':') == 1)
    return std::string(address.substr(0, address.find(':')));
  return std::string(address);
}

}  // namespace

std::optional<Network> Network::Parse(std::string_view cidr) {
  const size_t slash = cidr.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string address(cidr.substr(0, slash));
  const std::string_view digits = cidr.substr(slash + 1);
  if (digits.empty() || digits.size() > 3 || !std::all_of(digits.begin(), digits.end(), IsDigit)) {
    return std::nullopt;
  }
  const int prefix = std::stoi(std::string(digits));
  Network network;
  if (const auto v4 = ParseV4(address); v4 && prefix <= 32) {
    network.bytes_ = *v4;
    network.prefix_ = kMappedBits + prefix;
    return network;
  }
  if (const auto v6 = ParseV6(address); v6 && prefix <= 128) {
    network.bytes_ = *v6;
    network.prefix_ = prefix;
    return network;
  }
  return std::nullopt;
}

bool Network::Contains(std::string_view address) const {
  const std::string text = WithoutPort(address);
  auto bytes = ParseV4(text);
  if (!bytes) bytes = ParseV6(text);
  if (!bytes) return false;
  // `::/0` means every IPv6 address, not every address.
  if (IsMapped(*bytes) && prefix_ < kMappedBits) return false;
  const int whole = prefix_ / 8;
  if (!std::equal(bytes->begin(), bytes->begin() + whole, bytes_.begin())) return false;
  const int rest = prefix_ % 8;
  return rest == 0 || ((*bytes)[whole] ^ bytes_[whole]) >> (8 - rest) == 0;
}

}  // namespace adieu::policy
