#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace adieu::bench {

// The address that a socket is bound to, `host:port`.
std::string LocalAddress(int fd);

// One UDP socket connected to the server, with a receive buffer as large as the machine allows. Several
// threads may send; one receives. Throws std::runtime_error when it cannot be opened.
class UdpSocket {
 public:
  // `server` is `host:port` or `[host]:port`, numeric. `from`: the own address, `host:port` too; empty: the
  // kernel chooses.
  explicit UdpSocket(const std::string& server, const std::string& from = "");
  // A bound socket that this process inherited: `fd` stays open, only its connection changes.
  UdpSocket(int fd, const std::string& server);
  ~UdpSocket();
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  // For poll(2).
  int fd() const { return fd_; }
  // This end, `host:port`.
  const std::string& local() const { return local_; }
  // False when the kernel did not take it.
  bool Send(std::string_view datagram) const;
  bool Send(const std::vector<std::string>& datagrams) const;
  // Hands over what is there, waiting up to 50 ms for the first. The texts are valid until the next call.
  void Receive(const std::function<void(std::string_view)>& each);

 private:
  void Prepare();

  static constexpr size_t kBatch = 64;
  static constexpr size_t kDatagram = 4096;

  int fd_ = -1;
  std::string local_;
  std::vector<std::array<char, kDatagram>> buffers_{kBatch};
};

}  // namespace adieu::bench
