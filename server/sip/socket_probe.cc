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

int64_t UdpReceiveBuffer(const std::string& host, int port) {
  const std::optional<Address> wanted = AddressOf(host, port);
  if (!wanted) return 0;
  for (int fd = 0; fd < kMaxDescriptor; ++fd) {
    Address bound;
    bound.length = sizeof bound.storage;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&bound.storage), &bound.length) != 0) continue;
    int type = 0;
    socklen_t length = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_DGRAM) continue;
    if (bound.length != wanted->length || std::memcmp(&bound.storage, &wanted->storage, bound.length) != 0)
      continue;
    int bytes = 0;
    length = sizeof bytes;
    if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &length) == 0) return bytes;
  }
  return 0;
}

}  // namespace adieu::sip
