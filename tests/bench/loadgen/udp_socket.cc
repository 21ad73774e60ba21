#include "tests/bench/loadgen/udp_socket.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace adieu::bench {
namespace {

constexpr int kReceiveBuffer = 64 << 20;

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Addresses Resolve(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) throw std::runtime_error(address + " is not host:port");
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM};
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &found);
  if (error != 0) throw std::runtime_error(address + ": " + gai_strerror(error));
  return Addresses(found, &freeaddrinfo);
}

}  // namespace

std::string LocalAddress(int fd) {
  sockaddr_storage name = {};
  socklen_t length = sizeof(name);
  getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length);
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  getnameinfo(reinterpret_cast<sockaddr*>(&name), length, host, sizeof(host), port, sizeof(port),
              NI_NUMERICHOST | NI_NUMERICSERV);
  std::string text = host;
  if (name.ss_family == AF_INET6) text = std::string("[").append(host).append("]");
  return text.append(":").append(port);
}

UdpSocket::UdpSocket(const std::string& server, const std::string& from) {
  const Addresses address = Resolve(server);
  const Addresses own = Resolve(from.empty() ? server : from);
  fd_ = socket(address->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0 || (!from.empty() && bind(fd_, own->ai_addr, own->ai_addrlen) != 0) ||
      connect(fd_, address->ai_addr, address->ai_addrlen) != 0) {
    const std::string why = std::strerror(errno);
    if (fd_ >= 0) close(fd_);
    throw std::runtime_error(server + ": " + why);
  }
  Prepare();
}

UdpSocket::UdpSocket(int fd, const std::string& server) : fd_(dup(fd)) {
  const Addresses address = Resolve(server);
  if (fd_ < 0 || connect(fd_, address->ai_addr, address->ai_addrlen) != 0) {
    const std::string why = std::strerror(errno);
    if (fd_ >= 0) close(fd_);
    throw std::runtime_error("inherited socket: " + why);
  }
  Prepare();
}

void UdpSocket::Prepare() {
  if (setsockopt(fd_, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof(kReceiveBuffer)) != 0) {
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof(kReceiveBuffer));
  }
  const timeval wait = {.tv_usec = 50'000};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
  local_ = LocalAddress(fd_);
}

UdpSocket::~UdpSocket() { close(fd_); }

bool UdpSocket::Send(std::string_view datagram) const {
  return send(fd_, datagram.data(), datagram.size(), 0) == static_cast<ssize_t>(datagram.size());
}

bool UdpSocket::Send(const std::vector<std::string>& datagrams) const {
  bool all = true;
  for (size_t begin = 0; begin < datagrams.size();) {
    mmsghdr messages[kBatch] = {};
    iovec parts[kBatch];
    const size_t count = std::min(kBatch, datagrams.size() - begin);
    for (size_t i = 0; i < count; ++i) {
      const std::string& text = datagrams[begin + i];
      parts[i] = {.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int sent = sendmmsg(fd_, messages, static_cast<unsigned>(count), 0);
    if (sent <= 0) {
      all = false;
      ++begin;
    } else {
      begin += static_cast<size_t>(sent);
    }
  }
  return all;
}

void UdpSocket::Receive(const std::function<void(std::string_view)>& each) {
  mmsghdr messages[kBatch] = {};
  iovec parts[kBatch];
  for (size_t i = 0; i < kBatch; ++i) {
    parts[i] = {.iov_base = buffers_[i].data(), .iov_len = buffers_[i].size()};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const int received = recvmmsg(fd_, messages, kBatch, MSG_WAITFORONE, nullptr);
  for (int i = 0; i < received; ++i) {
    const auto at = static_cast<size_t>(i);
    each({buffers_[at].data(), messages[at].msg_len});
  }
}

}  // namespace adieu::bench
