#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/loadgen/call_record.h"
#include "tests/bench/loadgen/sip_text.h"
#include "tests/bench/loadgen/udp_socket.h"

namespace adieu::bench {

// The phones of one trial: sends INVITEs, notes when each call rings and ends, and ACKs
// every final response, repeated ones too. Its own thread receives, until the destructor.
class Caller {
 public:
  Caller(const std::string& server, const std::string& run, CallRecords& records);
  ~Caller();

  // From one thread.
  void Invite(size_t index);
  // Sends the same INVITE once more.
  void InviteAgain(size_t index) { socket_.Send(text_.Invite(index)); }
  std::string CallId(size_t index) const { return text_.CallId(index); }

 private:
  void Run();
  void Take(std::string_view datagram, int64_t now);

  UdpSocket socket_;
  SipText text_;
  CallRecords& records_;
  std::vector<std::string> acks_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace adieu::bench
