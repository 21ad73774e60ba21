#include "tests/unit/process/phones.h"

#include <algorithm>
#include <chrono>

namespace adieu::process {

using sip::HeaderOf;
using sip::OkTo;
using sip::ResponseTo;

Phones::Phones(int server_port) : peer_(server_port), thread_([this] { Run(); }) {}

Phones::~Phones() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  // A word to itself wakes the thread.
  peer_.TalkTo(peer_.port());
  peer_.Send("stop");
  thread_.join();
}

void Phones::Call(const std::string& id) {
  std::string invite;
  {
    const std::lock_guard lock(mutex_);
    const auto phone = phones_.emplace(id, Phone{.call = sip::PhoneCall(peer_, id), .answer = {}}).first;
    invite = phone->second.call.Invite("", "v=0\r\n");
  }
  peer_.Send(invite);
}

void Phones::HangUp(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const Phone& phone = phones_.at(id);
  if (phone.state == State::kRinging) peer_.Send(phone.call.Cancel());
  if (phone.state == State::kAnswered) peer_.Send(phone.call.Bye(phone.answer));
}

void Phones::SetFrozen(bool frozen) {
  const std::lock_guard lock(mutex_);
  frozen_ = frozen;
}

size_t Phones::CountLocked(State state) const {
  const auto in_state = [state](const auto& entry) { return entry.second.state == state; };
  return static_cast<size_t>(std::count_if(phones_.begin(), phones_.end(), in_state) +
                             std::count_if(called_.begin(), called_.end(), in_state));
}

size_t Phones::Count(State state) {
  const std::lock_guard lock(mutex_);
  return CountLocked(state);
}

bool Phones::Wait(State state, size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return CountLocked(state) == count; });
}

void Phones::Run() {
  for (;;) {
    const std::string text = peer_.Receive();
    const std::lock_guard lock(mutex_);
    if (stop_) return;
    const std::string id = HeaderOf(text, "Call-ID");
    if (text.starts_with("SIP/2.0 ")) OnResponse(text, id);
    if (text.starts_with("INVITE ")) OnInvite(text, id);
    if (text.starts_with("CANCEL ")) OnCancel(text, id);
    if (text.starts_with("BYE ")) OnBye(text, id);
    changed_.notify_all();
  }
}

void Phones::OnResponse(const std::string& text, const std::string& id) {
  const auto found = phones_.find(id);
  if (found == phones_.end()) return;
  Phone& phone = found->second;
  if (HeaderOf(text, "CSeq") == "3 BYE") phone.state = State::kOver;
  if (HeaderOf(text, "CSeq") != "1 INVITE") return;
  const char kind = text[8];
  if (kind == '1' && phone.state == State::kCalling && text.starts_with("SIP/2.0 180")) {
    phone.state = State::kRinging;
  }
  if (kind == '2') {
    peer_.Send(phone.call.AckAnswer(text));
    phone.answer = text;
    if (phone.state != State::kOver) phone.state = State::kAnswered;
  }
  if (kind >= '3') {
    peer_.Send(phone.call.AckRefusal(text));
    phone.state = State::kOver;
  }
}

void Phones::OnInvite(const std::string& text, const std::string& id) {
  const bool first = called_.emplace(id, Called{.invite = text}).second;
  if (!first) return;
  peer_.Send(ResponseTo(text, "180 Ringing"));
  if (every_second_ && called_.size() % 2 == 1) return;
  called_[id].state = State::kAnswered;
  const std::string contact = "Contact: <sip:bob@127.0.0.1:" + std::to_string(port()) + ">\r\n";
  peer_.Send(ResponseTo(text, "200 OK", contact));
}

void Phones::OnCancel(const std::string& text, const std::string& id) {
  peer_.Send(OkTo(text));
  const auto found = called_.find(id);
  if (found == called_.end() || found->second.state != State::kRinging) return;
  peer_.Send(ResponseTo(found->second.invite, "487 Request Terminated"));
  found->second.state = State::kOver;
}

void Phones::OnBye(const std::string& text, const std::string& id) {
  peer_.Send(OkTo(text));
  if (frozen_) return;
  if (const auto found = phones_.find(id); found != phones_.end()) found->second.state = State::kOver;
  if (const auto found = called_.find(id); found != called_.end()) found->second.state = State::kOver;
}

}  // namespace adieu::process
