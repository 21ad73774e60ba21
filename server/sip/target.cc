#include "server/sip/target.h"

#include "server/base/address.h"
#include "server/policy/sip_uri.h"

namespace adieu::sip {
namespace {

constexpr std::string_view kScheme = "sip:";

bool IsReachable(const policy::SipUri& uri) {
  if (!uri.is_address) return base::IsHostName(uri.host);
  const auto address = base::ParseIp(uri.host);
  return address && !base::IsWildcard(*address) && !base::IsMulticast(*address);
}

// `;transport=udp|tcp` and `;lr`, each at most once, in any order. `parameters`: lower case, from the first
// `;` on. False: something else is there.
bool ReadParameters(std::string_view parameters, std::string& transport) {
  bool loose_routing = false;
  while (!parameters.empty()) {
    parameters.remove_prefix(1);
    const std::string_view parameter = parameters.substr(0, parameters.find(';'));
    if (parameter == "lr" && !loose_routing) {
      loose_routing = true;
    } else if ((parameter == "transport=udp" || parameter == "transport=tcp") && transport.empty()) {
      transport = parameter.substr(parameter.find('=') + 1);
    } else {
      return false;
    }
    parameters.remove_prefix(parameter.size());
  }
  return true;
}

}  // namespace

std::optional<Target> Target::Parse(std::string_view uri) {
  const auto parsed = policy::ParseSipUri(uri);
  if (!parsed || parsed->secure || !IsReachable(*parsed)) return std::nullopt;
  const size_t at = uri.find('@');
  const size_t host = at == std::string_view::npos ? kScheme.size() : at + 1;
  if (uri.find('?', host) != std::string_view::npos) return std::nullopt;
  Target target{.host = parsed->host, .port = parsed->port};
  target.is_ipv6 = parsed->is_address && parsed->host.find(':') != std::string::npos;
  if (!ReadParameters(parsed->parameters, target.transport)) return std::nullopt;
  if (at != std::string_view::npos) target.user = uri.substr(kScheme.size(), at - kScheme.size());
  if (target.user.find(':') != std::string::npos) return std::nullopt;
  return target;
}

std::string Target::HostPort() const {
  std::string text = is_ipv6 ? '[' + host + ']' : host;
  if (port != 0) text += ':' + std::to_string(port);
  return text;
}

}  // namespace adieu::sip
