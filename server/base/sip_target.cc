#include "server/base/sip_target.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "server/base/address.h"

namespace adieu::base {
namespace {

constexpr size_t kMaxBytes = 512;
constexpr std::string_view kForm =
    "must be a SIP URI such as sip:trunk.example.com or sip:192.0.2.1:5060;transport=tcp";

Error Refuse(std::string_view clause) {
  return Error{
      .code = absl::StatusCode::kInvalidArgument, .reason = "INVALID_FIELD", .message = std::string(clause)};
}

char Lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

bool StartsWithIgnoringCase(std::string_view text, std::string_view prefix) {
  return EqualsIgnoringCase(text.substr(0, prefix.size()), prefix);
}

bool IsHexDigit(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

// RFC 3261 25.1: unreserved, escaped or user-unreserved; an escape is not of a control character.
bool IsUser(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || !IsHexDigit(text[i + 1]) || !IsHexDigit(text[i + 2])) return false;
      const bool control =
          text[i + 1] == '0' || text[i + 1] == '1' || EqualsIgnoringCase(text.substr(i + 1, 2), "7f");
      if (control) return false;
      i += 2;
    } else if (std::isalnum(static_cast<unsigned char>(c)) == 0 &&
               std::string_view("-_.!~*'()&=+$,;?/").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return !text.empty();
}

bool SetHostPort(std::string_view text, SipTarget* target) {
  // Brackets end a host, a colon outside of them a port follows.
  const bool has_port = text.ends_with(']') ? false : text.find(':') != std::string_view::npos;
  const auto parts = ParseHostPort(has_port ? std::string(text) : std::string(text) + ":0");
  if (!parts || (has_port && parts->port == 0)) return false;
  if (const auto ip = ParseIp(parts->host)) {
    if (IsWildcard(*ip) || IsMulticast(*ip)) return false;
  } else if (!IsHostName(parts->host)) {
    return false;
  }
  target->host = parts->host;
  target->bracketed = parts->bracketed;
  target->port = parts->port;
  return true;
}

// `;name[=value]` any number of times.
std::optional<Error> SetParameters(std::string_view text, SipTarget* target) {
  bool lr = false;
  while (!text.empty()) {
    text.remove_prefix(1);
    const std::string_view parameter = text.substr(0, text.find(';'));
    text.remove_prefix(parameter.size());
    if (EqualsIgnoringCase(parameter, "lr") && !lr) {
      lr = true;
      continue;
    }
    const size_t equals = parameter.find('=');
    const std::string_view name = parameter.substr(0, equals);
    if (!EqualsIgnoringCase(name, "transport") || equals == std::string_view::npos) {
      return Refuse("may have the parameters transport=udp, transport=tcp and lr only, each once");
    }
    if (target->transport != SipTarget::Transport::kUnspecified) return Refuse("has two transports");
    const std::string_view value = parameter.substr(equals + 1);
    if (EqualsIgnoringCase(value, "udp")) {
      target->transport = SipTarget::Transport::kUdp;
    } else if (EqualsIgnoringCase(value, "tcp")) {
      target->transport = SipTarget::Transport::kTcp;
    } else if (EqualsIgnoringCase(value, "tls")) {
      return Refuse("asks for TLS, over which no calls go out in this version");
    } else {
      return Refuse("must have transport=udp or transport=tcp, has another one");
    }
  }
  return std::nullopt;
}

}  // namespace

Result<SipTarget> ParseSipTarget(std::string_view text) {
  if (text.size() > kMaxBytes) return Refuse("must be at most 512 bytes");
  if (StartsWithIgnoringCase(text, "sips:"))
    return Refuse("is sips, and no calls go out over TLS in this version");
  if (!StartsWithIgnoringCase(text, "sip:")) return Refuse(kForm);
  text.remove_prefix(4);
  SipTarget target;
  if (const size_t at = text.find('@'); at != std::string_view::npos) {
    const std::string_view user = text.substr(0, at);
    if (user.find(':') != std::string_view::npos) return Refuse("has a password: give credentials instead");
    if (!IsUser(user)) return Refuse(std::string(kForm) + "; its user part is not one of a SIP URI");
    target.user = user;
    text.remove_prefix(at + 1);
  }
  if (text.find('?') != std::string_view::npos) return Refuse("must not have headers (`?`)");
  const size_t semicolon = std::min(text.find(';'), text.size());
  if (!SetHostPort(text.substr(0, semicolon), &target)) {
    return Refuse(
        "must have a host name, an IPv4 address or an IPv6 address in brackets, and a port of 1 to 65535 "
        "or none");
  }
  if (auto error = SetParameters(text.substr(semicolon), &target)) return *std::move(error);
  return target;
}

}  // namespace adieu::base
