#include "server/sip/dns_lookup.h"

#include <arpa/nameser.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "server/base/address.h"

namespace adieu::sip {
namespace {

// Of one name.
constexpr size_t kMaxAddresses = 16;

// No value: an address that no call can be sent to.
std::optional<std::string> AddressText(const sockaddr* address) {
  base::IpAddress ip;
  if (address->sa_family == AF_INET) {
    std::memcpy(ip.bytes.data(), &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, 4);
  } else if (address->sa_family == AF_INET6) {
    ip.version = 6;
    std::memcpy(ip.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, 16);
  } else {
    return std::nullopt;
  }
  if (base::IsWildcard(ip) || base::IsMulticast(ip)) return std::nullopt;
  const std::string text = base::FormatIp(ip);
  return ip.version == 6 ? '[' + text + ']' : text;
}

}  // namespace

DnsLookup::DnsLookup(ares_channel channel, DnsQuestion question, Done done)
    : channel_(channel), question_(std::move(question)), done_(std::move(done)) {
  answer_.ttl = std::chrono::seconds::max();
}

void DnsLookup::Start() {
  if (question_.kind == DnsQuestion::Kind::kAddresses) {
    AskAddresses(question_.name, {});
  } else {
    AskSrv();
  }
}

void DnsLookup::Settle() {
  if (std::exchange(settled_, true)) return;
  std::erase_if(answer_.services, [](const DnsService& service) { return service.addresses.empty(); });
  if (answer_.services.empty()) answer_.ttl = {};
  done_(question_, std::move(answer_));
}

void DnsLookup::AskSrv() {
  ++under_way_;
  const char* service = question_.kind == DnsQuestion::Kind::kSrvTcp ? "_sip._tcp." : "_sip._udp.";
  ares_query(channel_, (service + question_.name).c_str(), ns_c_in, ns_t_srv, &DnsLookup::OnSrv,
             new Query{shared_from_this()});
}

void DnsLookup::AskAddresses(const std::string& host, const SrvReply::Record& record) {
  ++under_way_;
  answer_.services.push_back({.priority = record.priority, .weight = record.weight, .port = record.port});
  ares_addrinfo_hints hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, &DnsLookup::OnAddresses,
                   new Query{shared_from_this(), answer_.services.size() - 1});
}

void DnsLookup::OnSrv(void* query, int status, int, unsigned char* reply, int size) {
  const std::unique_ptr<Query> returned(static_cast<Query*>(query));
  DnsLookup& lookup = *returned->lookup;
  if (!lookup.settled_) {
    const bool has_reply = status == ARES_SUCCESS && reply != nullptr && size > 0;
    lookup.TakeSrv(has_reply ? SrvReply::Parse({reply, static_cast<size_t>(size)}) : SrvReply{});
  }
  lookup.Return();
}

void DnsLookup::OnAddresses(void* query, int status, int, ares_addrinfo* found) {
  const std::unique_ptr<Query> returned(static_cast<Query*>(query));
  DnsLookup& lookup = *returned->lookup;
  if (found != nullptr) {
    if (status == ARES_SUCCESS && !lookup.settled_) lookup.TakeAddresses(returned->service, *found);
    ares_freeaddrinfo(found);
  }
  lookup.Return();
}

void DnsLookup::TakeSrv(const SrvReply& reply) {
  if (reply.refused) return;
  if (reply.records.empty()) {
    AskAddresses(question_.name, {});
    return;
  }
  answer_.ttl = std::min(answer_.ttl, reply.ttl);
  for (const SrvReply::Record& record : reply.records) AskAddresses(record.host, record);
}

void DnsLookup::TakeAddresses(size_t service, const ares_addrinfo& found) {
  const auto lower_ttl = [this](int ttl) {
    answer_.ttl = std::min(answer_.ttl, std::chrono::seconds(std::max(ttl, 0)));
  };
  for (const ares_addrinfo_cname* alias = found.cnames; alias != nullptr; alias = alias->next) {
    lower_ttl(alias->ttl);
  }
  std::vector<std::string>& addresses = answer_.services[service].addresses;
  for (const ares_addrinfo_node* node = found.nodes; node != nullptr; node = node->ai_next) {
    const auto text = AddressText(node->ai_addr);
    if (!text || addresses.size() >= kMaxAddresses) continue;
    addresses.push_back(*text);
    lower_ttl(node->ai_ttl);
  }
}

void DnsLookup::Return() {
  if (--under_way_ == 0) Settle();
}

}  // namespace adieu::sip
