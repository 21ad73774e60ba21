#include "server/sip/entrance.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <utility>

#include "server/base/id.h"
#include "server/base/log.h"
#include "server/sip/socket_probe.h"
#include "server/sip/source_filter.h"
#include "server/sip/stateless_refusal.h"

namespace adieu::sip {
namespace {

constexpr std::chrono::seconds kWatch{1};

// Half of what was asked for: below that, bursts are lost.
constexpr int64_t kReceiveBufferWanted = 2 << 20;

std::string HexOf(size_t number) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016zx", number);
  return text.data();
}

// Connections that are accepted from now on: one whose peer is gone ends after two minutes.
void FindDeadPeers(int listening) {
  const auto set = [listening](int level, int name, int value) {
    setsockopt(listening, level, name, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set(IPPROTO_TCP, TCP_KEEPCNT, 4);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 120'000);
}

socklen_t LengthOf(const sockaddr_storage& address) {
  return address.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

}  // namespace

Entrance::Entrance(const AgentOptions& options, TimerQueue& timers, metrics::Metrics& metrics)
    : options_(options),
      timers_(timers),
      metrics_(metrics),
      secret_(base::NewId()),
      gate_(options.invite_limits, InviteGate::Clock::now()) {}

Entrance::~Entrance() { timers_.Cancel(watch_); }

void Entrance::Guard(const ListenAddress& address) {
  const auto& networks = options_.allow.list();
  const int version = address.host.starts_with('[') ? 6 : 4;
  const auto filter = networks.empty() ? std::vector<sock_filter>() : SourceFilter(networks, version);
  for (const OpenSocket& open : SocketsAt(address.host, address.port)) {
    // What the filter lets through, or what there is no filter for, the wire tap looks at once more.
    if (!filter.empty() && !AttachFilter(open.socket, filter)) {
      base::LogWarn("no socket filter", {{"listener", address.name}});
    }
    if (!open.udp) {
      FindDeadPeers(open.socket);
      continue;
    }
    const int64_t bytes = ReceiveBuffer(open.socket);
    metrics_.SetSipReceiveBuffer(address.name, bytes);
    if (bytes < kReceiveBufferWanted) {
      base::LogWarn(
          "small receive buffer",
          {{"listener", address.name}, {"bytes", bytes}, {"remedy", "raise net.core.rmem_max to 4194304"}});
    }
    doors_.push_back({address.name, open.socket, BoundAddress(open.socket), DatagramsDropped(open.socket)});
    metrics_.SipDatagramsDropped(address.name, 0);
  }
  timers_.Cancel(watch_);
  WatchDrops();
}

void Entrance::WatchDrops() {
  for (Door& door : doors_) {
    const unsigned dropped = DatagramsDropped(door.socket);
    if (dropped != door.dropped) metrics_.SipDatagramsDropped(door.listener, dropped - door.dropped);
    door.dropped = dropped;
  }
  watch_ = timers_.Schedule(kWatch, [this] { WatchDrops(); });
}

const Entrance::Door* Entrance::DoorOf(const WireMessage& message) const {
  if (message.local == nullptr || std::string_view(message.transport) != "udp") return nullptr;
  const auto found = std::find_if(doors_.begin(), doors_.end(), [&](const Door& door) {
    return SameAddress(reinterpret_cast<const sockaddr&>(door.address), *message.local);
  });
  return found == doors_.end() ? nullptr : &*found;
}

std::optional<metrics::RejectReason> Entrance::Refuses(const WireMessage& invite) {
  const Door* door = DoorOf(invite);
  const size_t queued = door == nullptr ? 0 : BytesQueued(door->socket);
  return gate_.Refuses(FormatAddress(*invite.address), queued, InviteGate::Clock::now());
}

bool Entrance::Refuse(const WireMessage& invite, const std::string& key, metrics::RejectReason reason) {
  if (!Send(invite, key, reason)) return false;
  refusals_.Add(key, reason, RecentRefusals::Clock::now());
  metrics_.SipRejected(reason);
  return true;
}

bool Entrance::RefusesAgain(const WireMessage& invite, const std::string& key) {
  const auto reason = refusals_.Find(key, RecentRefusals::Clock::now());
  if (!reason) return false;
  metrics_.SipRetransmission(v1::LEG_SIDE_CALLER, v1::DIRECTION_RECEIVED, metrics::SipMethod::kInvite);
  Send(invite, key, *reason);
  return true;
}

bool Entrance::HasRefused(const std::string& key) {
  return refusals_.Find(key, RecentRefusals::Clock::now()).has_value();
}

NoEntry Entrance::AnswerTo(const sip_t& invite, metrics::RejectReason reason) const {
  return NoEntryFor(reason, options_.elsewhere, invite);
}

bool Entrance::Send(const WireMessage& invite, const std::string& key, metrics::RejectReason reason) {
  const Door* door = DoorOf(invite);
  if (door == nullptr) return false;
  const std::string tag = HexOf(std::hash<std::string>()(secret_ + key));
  const NoEntry answer = AnswerTo(*invite.sip, reason);
  const auto refusal = RefuseStatelessly(*invite.sip, *invite.address, tag, answer);
  if (!refusal) return false;
  // One that does not leave is as good as lost on the way: the INVITE comes again.
  sendto(door->socket, refusal->text.data(), refusal->text.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
         reinterpret_cast<const sockaddr*>(&refusal->to), LengthOf(refusal->to));
  metrics_.SipResponse(v1::LEG_SIDE_CALLER, v1::DIRECTION_SENT, metrics::SipMethod::kInvite, answer.status);
  return true;
}

}  // namespace adieu::sip
