#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/loadgen/udp_socket.h"

namespace adieu::bench {

// What is sent beside the calls, and never answered.
struct FloodLoad {
  // The address that it comes from, `host:port`; port 0 takes a free one. Empty: there is no flood.
  std::string from;
  std::string user_agent;
  // INVITEs per second; 0: as many as this machine can send.
  double rate = 0;
};

// Sends INVITEs of a few thousand calls again and again, hears no answer, and counts them. Its own thread
// sends, until the destructor.
class Flood {
 public:
  // `server` is `host:port`.
  Flood(const std::string& server, const FloodLoad& load);
  ~Flood();

  // Ends it; says how many INVITEs the kernel took.
  size_t Stop();

 private:
  using Batch = std::vector<std::string>;
  void Run();

  const double rate_;
  UdpSocket socket_;
  std::vector<Batch> batches_;
  std::atomic<size_t> sent_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace adieu::bench
