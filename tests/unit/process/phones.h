#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/sip/udp_peer.h"

namespace adieu::process {

// Any number of phones on one socket, played by a thread of their own: they ACK what is to be, answer CANCEL
// and BYE, and know how each of their calls stands. What is not "their own business" is theirs at the order
// of the test. Any thread.
class Phones {
 public:
  enum class State { kCalling, kRinging, kAnswered, kOver };

  // The server's port on 127.0.0.1; for phones that are called it may be told later.
  explicit Phones(int server_port = 9);
  ~Phones();

  // Before the first message.
  void TalkTo(int server_port) { peer_.TalkTo(server_port); }
  int port() const { return peer_.port(); }

  // Calls; `id` is the Call-ID.
  void Call(const std::string& id);
  // Hangs up as its state allows: CANCEL or BYE.
  void HangUp(const std::string& id);
  // Of the calls that come each second one is answered, the others ring on. Before the first comes; without
  // it all are answered.
  void AnswerEverySecond() { every_second_ = true; }
  // BYEs are answered and forgotten, as if they had not come, until Thaw.
  void Freeze() { SetFrozen(true); }
  void Thaw() { SetFrozen(false); }

  // Waits until so many calls are in that state, 30 s at most.
  bool Wait(State state, size_t count);
  size_t Count(State state);

 private:
  struct Phone {
    sip::PhoneCall call;
    State state = State::kCalling;
    // The 2xx that it got.
    std::string answer;
  };
  struct Called {
    State state = State::kRinging;
    std::string invite;
  };

  void Run();
  void OnResponse(const std::string& text, const std::string& id);
  void OnInvite(const std::string& text, const std::string& id);
  void OnCancel(const std::string& text, const std::string& id);
  void OnBye(const std::string& text, const std::string& id);
  void SetFrozen(bool frozen);
  size_t CountLocked(State state) const;

  sip::UdpPeer peer_;
  bool every_second_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::map<std::string, Phone> phones_;
  std::map<std::string, Called> called_;
  bool frozen_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace adieu::process
