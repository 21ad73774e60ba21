#include "tests/unit/sip/recorded_events.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace adieu::sip {

void RecordedEvents::OnCall(const v1::Call& call) {
  const std::lock_guard lock(mutex_);
  if (!calls_.contains(call.name())) order_.push_back(call.name());
  calls_[call.name()].MergeFrom(call);
  changed_.notify_all();
}

void RecordedEvents::OnMessage(const std::string& call, const v1::SipMessage& message) {
  const std::lock_guard lock(mutex_);
  messages_[call].push_back(message);
  changed_.notify_all();
}

void RecordedEvents::OnLegEnding(const std::string& termination, const std::string&,
                                 const v1::LegEnding& leg) {
  const std::lock_guard lock(mutex_);
  endings_[termination].push_back(leg);
  changed_.notify_all();
}

void RecordedEvents::OnRingTimeout(const std::string&) {
  const std::lock_guard lock(mutex_);
  ++ring_timeouts_;
  changed_.notify_all();
}

void RecordedEvents::Ask(std::string question) {
  const std::lock_guard lock(mutex_);
  questions_.push_back(std::move(question));
  changed_.notify_all();
}

Verdict RecordedEvents::OnArrival(const std::string&) {
  Ask("arrival");
  return arrival;
}

Verdict RecordedEvents::OnFarEndFailure(const std::string&, int status_code, const std::string& reason) {
  Ask("failure " + std::to_string(status_code) + (reason.empty() ? "" : " " + reason));
  return far_end_failure;
}

std::optional<std::string> RecordedEvents::OnCallerCancel(const std::string&) {
  Ask("cancel");
  return caller_cancel;
}

void RecordedEvents::OnDialogs(const std::string& call, std::string dialogs,
                               std::function<void(bool)> stored) {
  const std::lock_guard lock(mutex_);
  last_dialogs_ = dialogs;
  dialogs_[call].push_back(std::move(dialogs));
  if (stored) awaited_.push_back(std::move(stored));
  changed_.notify_all();
}

std::function<void(bool)> RecordedEvents::NextAwaited() {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, std::chrono::seconds(30), [&] { return !awaited_.empty(); })) return nullptr;
  std::function<void(bool)> stored = std::move(awaited_.front());
  awaited_.pop_front();
  return stored;
}

std::vector<std::string> RecordedEvents::DialogsOf(const std::string& call) {
  const std::lock_guard lock(mutex_);
  return dialogs_[call];
}

std::string RecordedEvents::NthQuestion(size_t n) {
  WaitUntil([&] { return questions_.size() >= n; });
  const std::lock_guard lock(mutex_);
  return questions_.size() >= n ? questions_[n - 1] : "";
}

size_t RecordedEvents::questions() {
  const std::lock_guard lock(mutex_);
  return questions_.size();
}

bool RecordedEvents::WaitUntil(const std::function<bool()>& holds) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(30), holds);
}

std::string RecordedEvents::NthCall(size_t n) {
  WaitUntil([&] { return order_.size() >= n; });
  const std::lock_guard lock(mutex_);
  return order_.size() >= n ? order_[n - 1] : "";
}

bool RecordedEvents::WaitForState(const std::string& call, v1::CallState state) {
  return WaitUntil([&] { return calls_[call].state() == state; });
}

v1::LegEnding RecordedEvents::WaitForOutcome(const std::string& termination, v1::LegOutcome outcome) {
  WaitUntil([&] {
    const auto& endings = endings_[termination];
    return std::any_of(endings.begin(), endings.end(),
                       [&](const auto& leg) { return leg.outcome() == outcome; });
  });
  const std::lock_guard lock(mutex_);
  const auto& endings = endings_[termination];
  return endings.empty() ? v1::LegEnding() : endings.back();
}

v1::Call RecordedEvents::CallOf(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return calls_[name];
}

std::vector<std::string> RecordedEvents::LadderOf(const std::string& name) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> ladder;
  for (const v1::SipMessage& message : messages_[name]) {
    const std::string what =
        message.status_code() != 0 ? std::to_string(message.status_code()) : message.method();
    ladder.push_back(message.direction() == v1::DIRECTION_RECEIVED ? what + ">" : "<" + what);
  }
  return ladder;
}

std::vector<v1::LegOutcome> RecordedEvents::OutcomesOf(const std::string& termination) {
  const std::lock_guard lock(mutex_);
  std::vector<v1::LegOutcome> outcomes;
  for (const v1::LegEnding& leg : endings_[termination]) outcomes.push_back(leg.outcome());
  return outcomes;
}

size_t RecordedEvents::CountCalls(v1::CallState state) {
  const std::lock_guard lock(mutex_);
  return static_cast<size_t>(std::count_if(
      calls_.begin(), calls_.end(), [state](const auto& entry) { return entry.second.state() == state; }));
}

size_t RecordedEvents::ring_timeouts() {
  const std::lock_guard lock(mutex_);
  return ring_timeouts_;
}

}  // namespace adieu::sip
