#include "server/sip/socket_probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

namespace adieu::sip {
namespace {

constexpr int kMaxDescriptor = 1024;

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

std::optional<Address> AddressOf(const std::string& host, int port) {
  Address address;
  if (host.starts_with('[')) {
    auto* in6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(static_cast<uint16_t>(port));
    address.length = sizeof *in6;
    if (inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &in6->sin6_addr) != 1)
      return std::nullopt;
  } else {
    auto* in = reinterpret_cast<sockaddr_in*>(&address.storage);
    in->sin_family = AF_INET;
    in->sin_port = htons(static_cast<uint16_t>(port));
    address.length = sizeof *in;
    if (inet_pton(AF_INET, host.c_str(), &in->sin_addr) != 1) return std::nullopt;
  }
  return address;
}

// A socket that is closed again.
class BoundSocket {
 public:
  BoundSocket(const Address& address, int type)
      : fd_(socket(address.storage.ss_family, type | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    if (type == SOCK_STREAM) setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const bool bound = fd_ >= 0 && bind(fd_, address.get(), address.length) == 0;
    if (!bound || (type == SOCK_STREAM && listen(fd_, 1) != 0)) error_ = errno;
  }
  ~BoundSocket() {
    if (fd_ >= 0) close(fd_);
  }
  BoundSocket(const BoundSocket&) = delete;
  BoundSocket& operator=(const BoundSocket&) = delete;

  int error() const { return error_; }
  int port() const {
    Address bound;
    bound.length = sizeof bound.storage;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&bound.storage), &bound.length);
    return ntohs(reinterpret_cast<const sockaddr_in*>(&bound.storage)->sin_port);
  }

 private:
  int fd_;
  int error_ = 0;
};

std::optional<int> IntOption(int socket, int name) {
  int value = 0;
  socklen_t length = sizeof value;
  if (getsockopt(socket, SOL_SOCKET, name, &value, &length) != 0) return std::nullopt;
  return value;
}

}  // namespace

ProbedPort ProbePort(const std::string& host, int port, bool udp, bool tcp) {
  const std::optional<Address> address = AddressOf(host, port);
  if (!address) return {.error = "not an IP address"};
  const BoundSocket first(*address, udp ? SOCK_DGRAM : SOCK_STREAM);
  if (first.error() != 0) return {.error = std::strerror(first.error())};
  if (udp && tcp) {
    const BoundSocket second(*AddressOf(host, first.port()), SOCK_STREAM);
    if (second.error() != 0) return {.error = std::strerror(second.error())};
  }
  return {.port = first.port()};
}

std::vector<OpenSocket> SocketsAt(const std::string& host, int port) {
  std::vector<OpenSocket> sockets;
  const std::optional<Address> wanted = AddressOf(host, port);
  if (!wanted) return sockets;
  for (int fd = 0; fd < kMaxDescriptor; ++fd) {
    const sockaddr_storage bound = BoundAddress(fd);
    if (!SameAddress(reinterpret_cast<const sockaddr&>(bound), *wanted->get())) continue;
    const bool udp = IntOption(fd, SO_TYPE) == SOCK_DGRAM;
    if (udp || IntOption(fd, SO_ACCEPTCONN) == 1) sockets.push_back({.socket = fd, .udp = udp});
  }
  return sockets;
}

sockaddr_storage BoundAddress(int socket) {
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &length) != 0) bound.ss_family = AF_UNSPEC;
  return bound;
}

bool SameAddress(const sockaddr& a, const sockaddr& b) {
  if (a.sa_family != b.sa_family) return false;
  if (a.sa_family == AF_INET) {
    const auto& x = reinterpret_cast<const sockaddr_in&>(a);
    const auto& y = reinterpret_cast<const sockaddr_in&>(b);
    return x.sin_port == y.sin_port && x.sin_addr.s_addr == y.sin_addr.s_addr;
  }
  if (a.sa_family != AF_INET6) return false;
  const auto& x = reinterpret_cast<const sockaddr_in6&>(a);
  const auto& y = reinterpret_cast<const sockaddr_in6&>(b);
  return x.sin6_port == y.sin6_port && std::memcmp(&x.sin6_addr, &y.sin6_addr, sizeof x.sin6_addr) == 0;
}

int64_t ReceiveBuffer(int socket) { return IntOption(socket, SO_RCVBUF).value_or(0); }

}  // namespace adieu::sip
