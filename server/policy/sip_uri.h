#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace adieu::policy {

// URIs that may go into a SIP message (RFC 3261 19.1, RFC 3966). Strict: what the grammar does not have is
// refused, escaped control characters (`%0d`) too. Pure.
struct SipUri {
  bool secure = false;  // sips
  // Lower case, without a last dot; an address in its shortest form, without brackets.
  std::string host;
  bool is_address = false;  // host is an IPv4 or IPv6 address
  int port = 0;             // 0: none given
  std::string parameters;   // from the first `;` on, lower case; empty: none
};

// A sip or sips URI; no value: it is none.
std::optional<SipUri> ParseSipUri(std::string_view text);

// A tel URI with a number, global or local.
bool IsTelUri(std::string_view text);

// An http or https URI with a host, made of the characters of RFC 3986.
bool IsHttpUri(std::string_view text);

// The value of a parameter of a SipUri; no value: it is not there.
std::optional<std::string> ParameterOf(const SipUri& uri, std::string_view name);

// `host[:port]`, the host a name, an IPv4 address, or an IPv6 address in brackets.
std::optional<SipUri> ParseHostPort(std::string_view text);

// A URI in the form in which matches test it, scheme:user@host[:port]: display name, `<>`, parameters and
// headers are cut off. Never fails.
std::string_view BareUri(std::string_view text);

}  // namespace adieu::policy
