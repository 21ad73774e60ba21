#include "server/sip/agent_options.h"

#include <algorithm>
#include <utility>

#include "server/base/address.h"
#include "server/base/clock.h"

namespace adieu::sip {
namespace {

// Without the port, which is the listener's own.
std::string HostOf(const std::string& advertise) {
  const auto parts = base::ParseHostPort(advertise);
  if (!parts) return advertise;
  return parts->bracketed ? "[" + parts->host + "]" : parts->host;
}

}  // namespace

base::Result<AgentOptions> AgentOptions::From(const config::v1::Config& config) {
  AgentOptions options;
  options.instance = config.instance();
  for (int i = 0; i < config.sip().listeners_size(); ++i) {
    const config::v1::Listener& listener = config.sip().listeners(i);
    const auto parts = base::ParseHostPort(listener.address());
    if (!parts) {
      return base::InvalidField("sip.listeners[" + std::to_string(i) + "].address",
                                "must be an address and a port, as 192.0.2.1:5060 or [2001:db8::1]:5060");
    }
    ListenAddress address{.name = listener.name(), .host = HostOf(listener.address()), .port = parts->port};
    const auto& transports = listener.transports();
    const auto has = [&transports](const char* name) {
      return transports.empty() || std::find(transports.begin(), transports.end(), name) != transports.end();
    };
    address.udp = has("udp");
    address.tcp = has("tcp");
    address.tls = !transports.empty() && has("tls");
    address.advertise = HostOf(listener.advertise());
    std::shared_ptr<TlsIdentity> identity;
    if (address.tls) {
      auto made = TlsIdentity::Make(listener.tls());
      if (!made.ok()) {
        return base::InvalidField("sip.listeners[" + std::to_string(i) + "].tls", made.error().message);
      }
      identity = *std::move(made);
    }
    options.listeners.push_back(std::move(address));
    options.identities.push_back(std::move(identity));
  }
  auto allow = Networks::Parse({config.sip().allow().begin(), config.sip().allow().end()}, "sip.allow");
  if (!allow.ok()) return allow.error();
  options.allow = std::move(*allow);
  auto router = Router::Compile(config);
  if (!router.ok()) return router.error();
  options.router = std::move(*router);
  options.max_ringing = config.limits().max_ringing();
  options.invite_limits = {.per_second = config.limits().invites_per_second(),
                           .per_source_per_second = config.limits().per_source_invites_per_second()};
  if (const std::string& redirect = config.drain().redirect(); !redirect.empty()) {
    auto elsewhere = base::ParseSipTarget(redirect);
    if (!elsewhere.ok()) return base::InvalidField("drain.redirect", elsewhere.error().message);
    options.elsewhere = std::move(*elsewhere);
  }
  options.max_orders = config.limits().queue();
  options.journal = config.store().has_sqlite();
  options.recovered_calls_max_age = std::chrono::duration_cast<std::chrono::milliseconds>(
      base::FromDuration(config.limits().recovered_calls_max_age()));
  return options;
}

}  // namespace adieu::sip
