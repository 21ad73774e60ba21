#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/loadgen/through_call.h"
#include "tests/bench/loadgen/udp_socket.h"

namespace adieu::bench {

// A caller and a callee with one socket each, and a server between them, or none. Every message is sent once
// and never again. A call: INVITE, 180 at once, 200 after `ring`, ACK at once, BYE when it is told to. One
// thread.
class ThroughPhones {
 public:
  // `server`: where the caller sends to; empty: straight to the callee. `callee_fd`: the callee's bound
  // socket. `calls`: how many there will be.
  ThroughPhones(const std::string& server, int callee_fd, size_t calls, int64_t ring);

  void Invite(size_t index);
  void Bye(size_t index);
  // Takes what comes and answers, until `time`.
  void RunUntil(int64_t time);

  const std::vector<ThroughCall>& calls() const { return calls_; }
  // How many have their ACK at the callee; how many are over.
  size_t answered() const { return answered_; }
  size_t done() const { return done_; }

 private:
  // What the caller knows of a dialog: the callee's Contact, To and routes, as lines.
  struct Dialog {
    std::string target;
    std::string to;
    std::string routes;
  };
  struct Answer {
    int64_t due;
    size_t index;
    std::string text;
  };

  void AtCaller(std::string_view datagram, int64_t now);
  void AtCallee(std::string_view datagram, int64_t now);
  void SendDueAnswers();
  std::string Request(std::string_view method, size_t index, int cseq, const Dialog& dialog) const;
  std::string Tag(size_t index) const { return std::to_string(index) + "-" + run_; }
  // The call that a tag or a Call-ID names; calls_.size(): none of this run.
  size_t IndexOf(std::string_view tag) const;

  const std::string run_;
  const int64_t ring_;
  UdpSocket caller_;
  UdpSocket callee_;
  // Where the caller sends to.
  const std::string server_;
  std::vector<ThroughCall> calls_;
  std::vector<Dialog> dialogs_;
  std::deque<Answer> answers_;
  size_t answered_ = 0;
  size_t done_ = 0;
};

}  // namespace adieu::bench
