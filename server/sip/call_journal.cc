#include "server/sip/call_journal.h"

#include <utility>

#include "server/base/log.h"

namespace adieu::sip {

CallJournal::CallJournal(CallContext& context, std::string call)
    : context_(context), call_(std::move(call)) {}

CallJournal::~CallJournal() { context_.timers.Cancel(timer_); }

void CallJournal::Write(const journal::v1::Dialogs& dialogs) {
  written_ = true;
  context_.events.OnDialogs(call_, dialogs.SerializeAsString(), nullptr);
}

void CallJournal::WriteThen(const journal::v1::Dialogs& dialogs, std::function<void()> go_on) {
  written_ = true;
  go_on_ = std::move(go_on);
  const uint64_t serial = ++serial_;
  context_.timers.Cancel(timer_);
  timer_ = context_.timers.Schedule(kPatience, [this] { OnStored(serial_, false); });
  context_.events.OnDialogs(call_, dialogs.SerializeAsString(),
                            [inbox = context_.journal, call = call_, serial](bool stored) {
                              inbox->Post({.call = call, .serial = serial, .stored = stored});
                            });
}

void CallJournal::Erase() {
  context_.timers.Cancel(timer_);
  go_on_ = nullptr;
  if (std::exchange(written_, false)) context_.events.OnDialogs(call_, "", nullptr);
}

void CallJournal::OnStored(uint64_t serial, bool stored) {
  if (serial != serial_ || !go_on_) return;
  context_.timers.Cancel(timer_);
  if (!stored) {
    context_.metrics.AnsweredWithoutJournal();
    base::LogWarn("answered without the journal", {{"call", call_}});
  }
  std::exchange(go_on_, nullptr)();
}

}  // namespace adieu::sip
