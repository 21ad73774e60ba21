#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

namespace adieu::sip {

// What a probe found.
struct ProbedPort {
  // Zero: `error` says why.
  int port = 0;
  std::string error;
};

// Whether `host` (`192.0.2.1`, `[2001:db8::1]`) and `port` can be bound for these transports now; port 0
// finds one that is free for all of them. The stack does not say why it cannot open an address: this does.
ProbedPort ProbePort(const std::string& host, int port, bool udp, bool tcp);

// A socket of this process that is bound.
struct OpenSocket {
  int socket;
  // Otherwise it takes TCP connections.
  bool udp;
};

// Those that are bound to this address. Connections are not among them. Slow: at start only.
std::vector<OpenSocket> SocketsAt(const std::string& host, int port);

// Where it is bound.
sockaddr_storage BoundAddress(int socket);

// The same IP address and port.
bool SameAddress(const sockaddr& a, const sockaddr& b);

// SO_RCVBUF in bytes; 0: it is no socket.
int64_t ReceiveBuffer(int socket);

}  // namespace adieu::sip
