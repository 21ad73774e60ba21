#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "adieu/journal/v1/dialogs.pb.h"
#include "server/sip/call_context.h"
#include "server/sip/timer_queue.h"

namespace adieu::sip {

// What the journal is told of one call, so that the next process can go on with it. Nothing is told where
// there is no journal: then it is off. Owned by its call; the agent's thread. The destructor leaves the
// journal as it is.
class CallJournal {
 public:
  // So long an answer waits for the journal. Then it goes without: a caller would sooner hang up than the
  // store recover.
  static constexpr std::chrono::milliseconds kPatience{1000};

  CallJournal(CallContext& context, std::string call);
  ~CallJournal();
  CallJournal(const CallJournal&) = delete;
  CallJournal& operator=(const CallJournal&) = delete;

  bool on() const { return context_.journal != nullptr; }
  // The process before this one has written it.
  void Inherit() { written_ = true; }
  // Replaces what was written. Only when on.
  void Write(const journal::v1::Dialogs& dialogs);
  // The same; `go_on` runs once it outlives this process, or kPatience is over. Of two that wait the first
  // one is dropped.
  void WriteThen(const journal::v1::Dialogs& dialogs, std::function<void()> go_on);
  // The call is over. What waits is dropped.
  void Erase();

  // What the journal answered to the WriteThen of this serial.
  void OnStored(uint64_t serial, bool stored);

 private:
  CallContext& context_;
  const std::string call_;
  bool written_ = false;
  // Of the WriteThen that waits; null: none.
  std::function<void()> go_on_;
  uint64_t serial_ = 0;
  TimerQueue::Id timer_;
};

}  // namespace adieu::sip
