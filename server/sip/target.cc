#include "server/sip/target.h"

#include <cctype>
#include <utility>

#include "server/base/address.h"
#include "server/base/sip_target.h"

namespace adieu::sip {
namespace {

std::string LowerCase(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

std::optional<Target> Target::Parse(std::string_view uri) {
  auto parsed = base::ParseSipTarget(uri);
  if (!parsed.ok()) return std::nullopt;
  Target target{.user = std::move(parsed->user), .host = LowerCase(parsed->host), .port = parsed->port};
  if (const auto ip = base::ParseIp(target.host)) {
    const base::IpAddress address = base::Unmapped(*ip);
    if (base::IsWildcard(address) || base::IsMulticast(address)) return std::nullopt;
    target.host = base::FormatIp(address);
    target.is_ipv6 = address.version == 6;
  }
  if (parsed->transport == base::SipTarget::Transport::kUdp) target.transport = "udp";
  if (parsed->transport == base::SipTarget::Transport::kTcp) target.transport = "tcp";
  return target;
}

std::string Target::HostPort() const {
  std::string text = is_ipv6 ? '[' + host + ']' : host;
  if (port != 0) text += ':' + std::to_string(port);
  return text;
}

}  // namespace adieu::sip
