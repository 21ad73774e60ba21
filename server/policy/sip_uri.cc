#include "server/policy/sip_uri.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "server/policy/ascii.h"

namespace adieu::policy {
namespace {

constexpr std::string_view kMark = "-_.!~*'()";

// Unreserved, escaped or one of `more` (RFC 3261 25.1); an escape is not of a control character.
bool IsMadeOf(std::string_view text, std::string_view more) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || !IsHexDigit(text[i + 1]) || !IsHexDigit(text[i + 2])) return false;
      const bool control = text[i + 1] == '0' || text[i + 1] == '1' || Lower(text.substr(i + 1, 2)) == "7f";
      if (control) return false;
      i += 2;
    } else if (!IsAlnum(c) && kMark.find(c) == std::string_view::npos &&
               more.find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

// The address in its shortest form, an IPv4 address in IPv6 form as IPv4; no value: it is none of this
// family.
std::optional<std::string> Canonical(int family, const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes;
  std::array<char, INET6_ADDRSTRLEN> out;
  if (inet_pton(family, text.c_str(), bytes.data()) != 1) return std::nullopt;
  if (inet_ntop(family, bytes.data(), out.data(), out.size()) == nullptr) return std::nullopt;
  constexpr std::string_view kMapped = "::ffff:";
  const std::string_view shortest(out.data());
  const bool mapped = shortest.starts_with(kMapped) && shortest.find('.') != std::string_view::npos;
  return std::string(mapped ? shortest.substr(kMapped.size()) : shortest);
}

// Labels of letters, digits and inner hyphens, the last one beginning with a letter (RFC 3261 25.1).
bool IsHostname(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  std::string_view label;
  for (std::string_view rest = host;;) {
    const size_t dot = rest.find('.');
    label = rest.substr(0, dot);
    if (label.empty() || label.front() == '-' || label.back() == '-') return false;
    if (!std::all_of(label.begin(), label.end(), [](char c) { return IsAlnum(c) || c == '-'; })) return false;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  return !IsDigit(label.front());
}

bool SetHost(std::string_view host, SipUri& uri) {
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  const std::string bare(bracketed ? host.substr(1, host.size() - 2) : host);
  if (auto address = Canonical(bracketed ? AF_INET6 : AF_INET, bare)) {
    uri.host = *address;
    uri.is_address = true;
    return true;
  }
  uri.host = Lower(bare);
  if (uri.host.ends_with('.')) uri.host.pop_back();
  return !bracketed && IsHostname(host);
}

bool SetPort(std::string_view digits, SipUri& uri) {
  if (digits.empty() || digits.size() > 5 || !std::all_of(digits.begin(), digits.end(), IsDigit))
    return false;
  uri.port = std::stoi(std::string(digits));
  return uri.port >= 1 && uri.port <= 65535;
}

// `;name[=value]` any number of times.
bool AreParameters(std::string_view text) {
  while (!text.empty()) {
    text.remove_prefix(1);
    const std::string_view parameter = text.substr(0, text.find(';'));
    const size_t equals = parameter.find('=');
    const std::string_view name = parameter.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? "x" : parameter.substr(equals + 1);
    if (name.empty() || value.empty() || !IsMadeOf(name, "[]/:&+$") || !IsMadeOf(value, "[]/:&+$"))
      return false;
    text.remove_prefix(parameter.size());
  }
  return true;
}

// `?name=value&name=value`.
bool AreHeaders(std::string_view text) {
  if (text.empty()) return true;
  do {
    text.remove_prefix(1);
    const std::string_view header = text.substr(0, text.find('&'));
    const size_t equals = header.find('=');
    if (equals == std::string_view::npos || equals == 0) return false;
    if (!IsMadeOf(header.substr(0, equals), "[]/?:+$") || !IsMadeOf(header.substr(equals + 1), "[]/?:+$")) {
      return false;
    }
    text.remove_prefix(header.size());
  } while (!text.empty());
  return true;
}

bool IsUserInfo(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view user = text.substr(0, colon);
  if (user.empty() || !IsMadeOf(user, "&=+$,;?/")) return false;
  return colon == std::string_view::npos || IsMadeOf(text.substr(colon + 1), "&=+$,");
}

}  // namespace

std::optional<SipUri> ParseHostPort(std::string_view text) {
  SipUri uri;
  const size_t bracket = text.find(']');
  const size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (!SetHost(text.substr(0, colon), uri)) return std::nullopt;
  if (colon != std::string_view::npos && !SetPort(text.substr(colon + 1), uri)) return std::nullopt;
  return uri;
}

std::optional<SipUri> ParseSipUri(std::string_view text) {
  const bool secure = StartsWithIgnoringCase(text, "sips:");
  if (!secure && !StartsWithIgnoringCase(text, "sip:")) return std::nullopt;
  text.remove_prefix(secure ? 5 : 4);
  if (const size_t at = text.find('@'); at != std::string_view::npos) {
    if (!IsUserInfo(text.substr(0, at))) return std::nullopt;
    text.remove_prefix(at + 1);
  }
  const size_t question = text.find('?');
  const std::string_view before = text.substr(0, question);
  const size_t semicolon = before.find(';');
  const std::string_view parameters =
      semicolon == std::string_view::npos ? std::string_view() : before.substr(semicolon);
  const std::string_view headers =
      question == std::string_view::npos ? std::string_view() : text.substr(question);
  if (!AreParameters(parameters) || !AreHeaders(headers)) return std::nullopt;
  std::optional<SipUri> uri = ParseHostPort(before.substr(0, semicolon));
  if (!uri) return std::nullopt;
  uri->secure = secure;
  uri->parameters = Lower(parameters);
  return uri;
}

bool IsTelUri(std::string_view text) {
  if (!StartsWithIgnoringCase(text, "tel:")) return false;
  text.remove_prefix(4);
  const size_t semicolon = text.find(';');
  std::string_view number = text.substr(0, semicolon);
  const bool global = number.starts_with('+');
  if (global) number.remove_prefix(1);
  const std::string_view more = global ? "-.()" : "-.()*#";
  const bool digits = std::any_of(number.begin(), number.end(), IsHexDigit);
  const bool made_of = std::all_of(number.begin(), number.end(), [&](char c) {
    return (global ? IsDigit(c) : IsHexDigit(c)) || more.find(c) != std::string_view::npos;
  });
  return digits && made_of && (semicolon == std::string_view::npos || AreParameters(text.substr(semicolon)));
}

bool IsHttpUri(std::string_view text) {
  const bool secure = StartsWithIgnoringCase(text, "https://");
  if (!secure && !StartsWithIgnoringCase(text, "http://")) return false;
  text.remove_prefix(secure ? 8 : 7);
  const std::string_view authority = text.substr(0, text.find_first_of("/?#"));
  const size_t at = authority.rfind('@');
  const std::string_view host = at == std::string_view::npos ? authority : authority.substr(at + 1);
  return IsMadeOf(text, ":/?#[]@$&+,;=") && ParseHostPort(host).has_value();
}

std::optional<std::string> ParameterOf(const SipUri& uri, std::string_view name) {
  for (std::string_view rest = uri.parameters; !rest.empty();) {
    rest.remove_prefix(1);
    const std::string_view parameter = rest.substr(0, rest.find(';'));
    const size_t equals = parameter.find('=');
    if (parameter.substr(0, equals) == name) {
      return std::string(equals == std::string_view::npos ? "" : parameter.substr(equals + 1));
    }
    rest.remove_prefix(parameter.size());
  }
  return std::nullopt;
}

std::string_view BareUri(std::string_view text) {
  if (const size_t open = text.rfind('<'); open != std::string_view::npos) {
    text.remove_prefix(open + 1);
    text = text.substr(0, text.find('>'));
  }
  const size_t at = text.rfind('@');
  const size_t host = at == std::string_view::npos ? 0 : at + 1;
  return text.substr(0, text.find_first_of(";?", host));
}

}  // namespace adieu::policy
