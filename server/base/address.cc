#include "server/base/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>

namespace adieu::base {
namespace {

size_t Size(const IpAddress& address) { return address.version == 4 ? 4 : 16; }

// A decimal number of at most five digits, without a leading zero.
std::optional<int> ParseNumber(std::string_view text, int max) {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  int number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  if (number > max) return std::nullopt;
  return number;
}

}  // namespace

std::optional<IpAddress> ParseIp(std::string_view text) {
  // A NUL would end the text early.
  const std::string copy(text);
  if (copy.size() >= INET6_ADDRSTRLEN || copy.find('\0') != std::string::npos) return std::nullopt;
  IpAddress address;
  if (inet_pton(AF_INET, copy.c_str(), address.bytes.data()) == 1) return address;
  address.version = 6;
  if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

std::string FormatIp(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  inet_ntop(address.version == 4 ? AF_INET : AF_INET6, address.bytes.data(), text.data(), text.size());
  return text.data();
}

IpAddress Unmapped(const IpAddress& address) {
  constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (address.version == 4 || !std::equal(kMapped.begin(), kMapped.end(), address.bytes.begin()))
    return address;
  IpAddress unmapped;
  std::copy(address.bytes.begin() + 12, address.bytes.end(), unmapped.bytes.begin());
  return unmapped;
}

bool IsLoopback(const IpAddress& address) {
  const IpAddress plain = Unmapped(address);
  if (plain.version == 4) return plain.bytes[0] == 127;
  IpAddress one{.version = 6};
  one.bytes[15] = 1;
  return plain == one;
}

bool IsWildcard(const IpAddress& address) {
  const IpAddress plain = Unmapped(address);
  return std::all_of(plain.bytes.begin(), plain.bytes.end(), [](uint8_t byte) { return byte == 0; });
}

bool IsMulticast(const IpAddress& address) {
  const IpAddress plain = Unmapped(address);
  if (plain.version == 6) return plain.bytes[0] == 0xff;
  const bool broadcast =
      std::all_of(plain.bytes.begin(), plain.bytes.begin() + 4, [](uint8_t b) { return b == 255; });
  return (plain.bytes[0] & 0xf0) == 0xe0 || broadcast;
}

std::optional<HostPort> ParseHostPort(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const auto port = ParseNumber(text.substr(colon + 1), 65535);
  if (!port) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.front() == '[';
  if (bracketed) {
    if (host.size() < 4 || host.back() != ']') return std::nullopt;
    host = host.substr(1, host.size() - 2);
    const auto address = ParseIp(host);
    if (!address || address->version != 6) return std::nullopt;
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return std::nullopt;
  }
  return HostPort{.host = std::string(host), .port = *port, .bracketed = bracketed};
}

bool IsHostName(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  // A last label of digits is an address, or a wrong one (RFC 1123 2.1).
  const size_t last_dot = text.rfind('.');
  const std::string_view last = last_dot == std::string_view::npos ? text : text.substr(last_dot + 1);
  if (std::all_of(last.begin(), last.end(), [](unsigned char c) { return std::isdigit(c) != 0; }))
    return false;
  while (true) {
    const std::string_view label = text.substr(0, text.find('.'));
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    const bool valid = std::all_of(label.begin(), label.end(), [](char c) {
      return c == '-' || std::isalnum(static_cast<unsigned char>(c)) != 0;
    });
    if (!valid) return false;
    if (label.size() == text.size()) return true;
    text.remove_prefix(label.size() + 1);
  }
}

bool Network::Contains(const IpAddress& other) const {
  if (other.version != address.version) return false;
  return Network{other, prefix_length}.Canonical().address == Canonical().address;
}

Network Network::Canonical() const {
  Network canonical = *this;
  for (size_t i = 0; i < canonical.address.bytes.size(); ++i) {
    const int kept = std::clamp(prefix_length - static_cast<int>(i) * 8, 0, 8);
    canonical.address.bytes[i] &= static_cast<uint8_t>(0xff00 >> kept);
  }
  return canonical;
}

std::string Network::ToString() const { return FormatIp(address) + "/" + std::to_string(prefix_length); }

std::optional<Network> ParseNetwork(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = ParseIp(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto prefix_length = ParseNumber(text.substr(slash + 1), static_cast<int>(Size(*address)) * 8);
  if (!prefix_length) return std::nullopt;
  return Network{*address, *prefix_length};
}

}  // namespace adieu::base
