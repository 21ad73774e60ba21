#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "server/base/address.h"
#include "server/config/check.h"

namespace adieu::config {
namespace {

constexpr int kMaxListeners = 16;
constexpr int kMaxNetworks = 1024;

struct Endpoint {
  base::IpAddress ip;
  int port = 0;
};

std::optional<Endpoint> CheckAddress(const std::string& address, const std::string& path,
                                     Problems* problems) {
  if (address.empty()) {
    problems->Add(path, "is required");
    return std::nullopt;
  }
  const auto parts = base::ParseHostPort(address);
  const auto ip = parts ? base::ParseIp(parts->host) : std::nullopt;
  if (!ip) {
    problems->Add(path, "must be an IP address and a port such as 192.0.2.1:5060 or [2001:db8::1]:5060, is " +
                            Quote(address));
  } else if (base::IsWildcard(*ip)) {
    problems->Add(path, "must be one address of this machine, is the wildcard " + Quote(address));
  } else if (base::IsMulticast(*ip)) {
    problems->Add(path, "must be one address of this machine, is the multicast address " + Quote(address));
  } else {
    return Endpoint{base::Unmapped(*ip), parts->port};
  }
  return std::nullopt;
}

void CheckTransports(const v1::Listener& listener, const std::string& path, Problems* problems) {
  for (int i = 0; i < listener.transports_size(); ++i) {
    const std::string item = path + ".transports[" + std::to_string(i) + "]";
    const std::string& transport = listener.transports(i);
    const auto first = std::find(listener.transports().begin(), listener.transports().begin() + i, transport);
    if (transport != "udp" && transport != "tcp" && transport != "tls") {
      problems->Add(item, "must be udp, tcp or tls, is " + Quote(transport));
    } else if (first != listener.transports().begin() + i) {
      problems->Add(item, "is given twice");
    }
  }
}

// A port speaks either TCP or TLS, and a client that asks for TLS must not find anything else at the address.
void CheckTls(const v1::Listener& listener, const std::string& path, Problems* problems) {
  const auto& transports = listener.transports();
  if (std::find(transports.begin(), transports.end(), "tls") == transports.end()) {
    if (listener.has_tls()) problems->Add(path + ".tls", "needs the transport tls");
    return;
  }
  if (transports.size() > 1) {
    problems->Add(path + ".transports", "must be tls alone, or without tls: give TLS a listener of its own");
  }
  if (listener.tls().certificate_dir().empty()) problems->Add(path + ".tls.certificate_dir", "is required");
}

bool IsAdvertisable(const std::string& host) {
  const auto ip = base::ParseIp(host);
  return ip ? !base::IsWildcard(*ip) && !base::IsMulticast(*ip) : base::IsHostName(host);
}

// `host`, `2001:db8::1`, `[2001:db8::1]`, or one of them with a port.
void CheckAdvertise(const std::string& advertise, const std::optional<Endpoint>& endpoint,
                    const std::string& path, Problems* problems) {
  if (advertise.empty()) return;
  const bool in_brackets = advertise.front() == '[' && advertise.back() == ']';
  const std::string bare = in_brackets ? advertise.substr(1, advertise.size() - 2) : advertise;
  const auto bare_ip = base::ParseIp(bare);
  const bool wrong_brackets = in_brackets && (!bare_ip || bare_ip->version != 6);
  if (IsAdvertisable(bare) && !wrong_brackets) return;
  const auto parts = base::ParseHostPort(advertise);
  if (!parts || !IsAdvertisable(parts->host)) {
    problems->Add(path, "must be a host name or an IP address, is " + Quote(advertise));
  } else if (endpoint && (endpoint->port == 0 || parts->port != endpoint->port)) {
    problems->Add(path, "must have no port or the listener's own, is " + Quote(advertise));
  }
}

void CheckNetworks(const v1::Sip& sip, Problems* problems) {
  if (sip.allow_size() > kMaxNetworks) {
    problems->Add("sip.allow", "must be at most " + std::to_string(kMaxNetworks) + " networks");
    return;
  }
  for (int i = 0; i < sip.allow_size(); ++i) {
    const std::string path = "sip.allow[" + std::to_string(i) + "]";
    const auto network = base::ParseNetwork(sip.allow(i));
    if (!network) {
      const auto ip = base::ParseIp(sip.allow(i));
      const std::string hint =
          ip ? "; for one address write " + sip.allow(i) + (ip->version == 4 ? "/32" : "/128") : "";
      problems->Add(
          path, "must be a network such as 192.0.2.0/24 or 2001:db8::/32, is " + Quote(sip.allow(i)) + hint);
    } else if (network->Canonical().address != network->address) {
      problems->Add(path, "has bits set after its prefix: write " + network->Canonical().ToString());
    }
  }
}

}  // namespace

void CheckSip(const v1::Sip& sip, Problems* problems) {
  if (sip.listeners_size() > kMaxListeners) {
    problems->Add("sip.listeners", "must be at most " + std::to_string(kMaxListeners));
    return;
  }
  std::map<std::string, int> names;
  // By transport and address.
  std::map<std::string, int> sockets;
  for (int i = 0; i < sip.listeners_size(); ++i) {
    const v1::Listener& listener = sip.listeners(i);
    const std::string path = "sip.listeners[" + std::to_string(i) + "]";
    CheckName(listener.name(), path + ".name", problems);
    const auto [same_name, is_new_name] = names.emplace(listener.name(), i);
    if (!is_new_name && !listener.name().empty()) {
      problems->Add(path + ".name",
                    "is also the name of sip.listeners[" + std::to_string(same_name->second) + "]");
    }
    const auto endpoint = CheckAddress(listener.address(), path + ".address", problems);
    CheckTransports(listener, path, problems);
    CheckTls(listener, path, problems);
    CheckAdvertise(listener.advertise(), endpoint, path + ".advertise", problems);
    if (!endpoint || endpoint->port == 0) continue;
    for (const std::string& transport : listener.transports()) {
      const std::string socket = (transport == "tls" ? "tcp" : transport) + " " +
                                 base::FormatIp(endpoint->ip) + " " + std::to_string(endpoint->port);
      const auto [same, is_new] = sockets.emplace(socket, i);
      if (is_new || same->second == i) continue;
      problems->Add(path + ".address", "is also the " + socket.substr(0, 3) + " address of sip.listeners[" +
                                           std::to_string(same->second) + "]");
      break;
    }
  }
  CheckNetworks(sip, problems);
}

}  // namespace adieu::config
