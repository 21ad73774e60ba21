#include "server/sip/agent_options.h"

#include <algorithm>
#include <utility>

namespace adieu::sip {
namespace {

// `192.0.2.1:5060` or `[2001:db8::1]:5060`.
bool SplitAddress(const std::string& text, ListenAddress* address) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size() || text.size() - colon > 6)
    return false;
  const std::string port = text.substr(colon + 1);
  if (!std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; })) return false;
  address->host = text.substr(0, colon);
  address->port = std::stoi(port);
  return address->port <= 65535;
}

std::string HostOf(const std::string& advertise) {
  const size_t colon = advertise.rfind(':');
  const bool has_port = colon != std::string::npos && advertise.find(']', colon) == std::string::npos &&
                        advertise.find(':') == colon;
  const bool bracketed_port =
      advertise.starts_with('[') && colon != std::string::npos && colon > 0 && advertise[colon - 1] == ']';
  return has_port || bracketed_port ? advertise.substr(0, colon) : advertise;
}

}  // namespace

base::Result<AgentOptions> AgentOptions::From(const config::v1::Config& config) {
  AgentOptions options;
  options.instance = config.instance();
  for (int i = 0; i < config.sip().listeners_size(); ++i) {
    const config::v1::Listener& listener = config.sip().listeners(i);
    ListenAddress address{.name = listener.name()};
    if (!SplitAddress(listener.address(), &address)) {
      return base::InvalidField("sip.listeners[" + std::to_string(i) + "].address",
                                "must be an address and a port, as 192.0.2.1:5060 or [2001:db8::1]:5060");
    }
    const auto& transports = listener.transports();
    const auto has = [&transports](const char* name) {
      return transports.empty() || std::find(transports.begin(), transports.end(), name) != transports.end();
    };
    address.udp = has("udp");
    address.tcp = has("tcp");
    address.advertise = HostOf(listener.advertise());
    options.listeners.push_back(std::move(address));
  }
  auto allow = Networks::Parse({config.sip().allow().begin(), config.sip().allow().end()}, "sip.allow");
  if (!allow.ok()) return allow.error();
  options.allow = std::move(*allow);
  auto router = Router::Compile(config);
  if (!router.ok()) return router.error();
  options.router = std::move(*router);
  options.max_ringing = config.limits().max_ringing();
  options.max_orders = config.limits().queue();
  return options;
}

}  // namespace adieu::sip
