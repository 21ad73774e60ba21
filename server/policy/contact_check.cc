#include "server/policy/contact_check.h"

#include <algorithm>

#include "server/policy/sip_uri.h"
#include "server/policy/text_check.h"

namespace adieu::policy {
namespace {

constexpr int kMaxContacts = 8;
constexpr size_t kMaxContactBytes = 512;

// The port that a URI leads to; zero: it may be any.
int PortOf(const SipUri& uri) {
  if (uri.port != 0) return uri.port;
  if (!uri.is_address) return 0;
  return uri.secure || ParameterOf(uri, "transport") == "tls" ? 5061 : 5060;
}

bool IsLoopback(const SipUri& uri) { return uri.host == "127.0.0.1" || uri.host == "::1"; }

bool Meets(const SipUri& target, const SipUri& own) {
  const int port = PortOf(target);
  const bool same_host = target.host == own.host || (target.host == "localhost" && IsLoopback(own));
  return same_host && (port == 0 || own.port == 0 || port == own.port);
}

// `host:0` says every port.
std::optional<SipUri> ParseOwn(std::string_view text) {
  return ParseHostPort(text.ends_with(":0") ? text.substr(0, text.size() - 2) : text);
}

}  // namespace

std::optional<base::Error> CheckContacts(const v1::Redirect& redirect, const std::string& path) {
  const std::string contacts = Join(path, "contacts");
  if (redirect.contacts().empty() || redirect.contacts_size() > kMaxContacts) {
    return base::InvalidField(contacts, "must have 1 to " + std::to_string(kMaxContacts) + " URIs, has " +
                                            std::to_string(redirect.contacts_size()));
  }
  for (int i = 0; i < redirect.contacts_size(); ++i) {
    const std::string& contact = redirect.contacts(i);
    if (auto error = CheckText(contact, kMaxContactBytes, At(contacts, i))) return error;
    if (!ParseSipUri(contact) && !IsTelUri(contact)) {
      return base::InvalidField(At(contacts, i),
                                "must be a sip, sips or tel URI without display name and <>");
    }
  }
  return std::nullopt;
}

bool PointsAt(std::string_view contact, std::span<const std::string> own) {
  const std::optional<SipUri> uri = ParseSipUri(contact);
  if (!uri) return false;
  std::optional<SipUri> maddr;
  if (const auto value = ParameterOf(*uri, "maddr")) {
    maddr = ParseHostPort(*value);
    if (maddr) {
      maddr->secure = uri->secure;
      maddr->parameters = uri->parameters;
      maddr->port = uri->port;
    }
  }
  return std::any_of(own.begin(), own.end(), [&](const std::string& address) {
    const std::optional<SipUri> us = ParseOwn(address);
    return us && (Meets(*uri, *us) || (maddr && Meets(*maddr, *us)));
  });
}

std::optional<base::Error> CheckNotPointingAt(const v1::Treatment& treatment,
                                              std::span<const std::string> own, const std::string& path) {
  const v1::Redirect& redirect = treatment.redirect();
  for (int i = 0; i < redirect.contacts_size(); ++i) {
    if (PointsAt(redirect.contacts(i), own)) {
      return base::InvalidField(At(Join(path, "redirect.contacts"), i), "must not point at this server");
    }
  }
  return std::nullopt;
}

}  // namespace adieu::policy
