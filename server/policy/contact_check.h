#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "adieu/v1/treatment.pb.h"
#include "server/base/error.h"

namespace adieu::policy {

// Contacts of a redirect (RFC 3261 20.10). Pure.

// 1 to 8 sip, sips or tel URIs that parse, each at most 512 bytes. `path`: of the redirect.
std::optional<base::Error> CheckContacts(const v1::Redirect& redirect, const std::string& path);

// Whether a contact leads back to one of our own addresses: `host:port` each, IPv6 in brackets, a port of 0
// for every port. A contact without a port means 5060 (5061 for sips and transport=tls) when its host is an
// address, and any port when it is a name, because SRV may say any. `maddr` counts as a host. A tel URI leads
// nowhere.
bool PointsAt(std::string_view contact, std::span<const std::string> own);

// Refuses a treatment with a contact that points at one of our own addresses. `path`: of the treatment.
std::optional<base::Error> CheckNotPointingAt(const v1::Treatment& treatment,
                                              std::span<const std::string> own, const std::string& path);

}  // namespace adieu::policy
