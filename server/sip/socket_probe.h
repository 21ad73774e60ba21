#pragma once

#include <cstdint>
#include <string>

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

// SO_RCVBUF of this process's UDP socket that is bound to this address, in bytes; 0: there is none.
int64_t UdpReceiveBuffer(const std::string& host, int port);

}  // namespace adieu::sip
