#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "server/sip/port.h"

namespace adieu::sip {

// What an agent tells, kept for tests. Any thread.
class RecordedEvents : public CallEvents {
 public:
  void OnCall(const v1::Call& call) override;
  void OnMessage(const std::string& call, const v1::SipMessage& message) override;
  void OnLegEnding(const std::string& termination, const std::string& call,
                   const v1::LegEnding& leg) override;
  void OnRingTimeout(const std::string& call) override;
  Verdict OnArrival(const std::string& call) override;
  Verdict OnFarEndFailure(const std::string& call, int status_code, const std::string& reason) override;
  std::optional<std::string> OnCallerCancel(const std::string& call) override;
  void OnDialogs(const std::string& call, std::string dialogs, std::function<void(bool)> stored) override;

  // What is answered; set before the first question.
  Verdict arrival = Verdict::kGoOn;
  Verdict far_end_failure = Verdict::kGoOn;
  std::optional<std::string> caller_cancel;

  // Waits for the n-th question (from 1): `arrival`, `failure 480 Q.850;cause=16` or `cancel`. Empty: it did
  // not come.
  std::string NthQuestion(size_t n);
  size_t questions();

  // Waits until `holds` is true, 30 s at most; false: it did not come true.
  bool WaitUntil(const std::function<bool()>& holds);

  // Waits for the n-th call (from 1); its name.
  std::string NthCall(size_t n);
  // Waits for the call's state.
  bool WaitForState(const std::string& call, v1::CallState state);
  // Waits for the outcome; what was told last.
  v1::LegEnding WaitForOutcome(const std::string& termination, v1::LegOutcome outcome);

  v1::Call CallOf(const std::string& name);
  // `INVITE>` received, `<180` sent...
  std::vector<std::string> LadderOf(const std::string& name);
  std::vector<v1::LegOutcome> OutcomesOf(const std::string& termination);
  // What was told of the call's dialogs, in this order.
  std::vector<std::string> DialogsOf(const std::string& call);
  // Waits for dialogs that an answer waits for; what tells that they are stored. Null: none came.
  std::function<void(bool)> NextAwaited();
  // What was told last of any call's dialogs; for WaitUntil.
  const std::optional<std::string>& LastDialogs() const { return last_dialogs_; }
  size_t CountCalls(v1::CallState state);
  size_t ring_timeouts();

 private:
  void Ask(std::string question);

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::vector<std::string> order_;
  std::map<std::string, v1::Call> calls_;
  std::map<std::string, std::vector<v1::SipMessage>> messages_;
  std::map<std::string, std::vector<v1::LegEnding>> endings_;
  size_t ring_timeouts_ = 0;
  std::vector<std::string> questions_;
  std::map<std::string, std::vector<std::string>> dialogs_;
  std::deque<std::function<void(bool)>> awaited_;
  std::optional<std::string> last_dialogs_;
};

}  // namespace adieu::sip
