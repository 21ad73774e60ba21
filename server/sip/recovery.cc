#include "server/sip/recovery.h"

#include <algorithm>
#include <utility>

#include "server/base/log.h"
#include "server/sip/message_text.h"

namespace adieu::sip {
namespace {

// Calls whose dialogs are made at a time.
constexpr size_t kAtOnce = 64;

// The stack makes a dialog within a few turns of its loop.
constexpr std::chrono::seconds kPatience{5};

constexpr su_duration_t kStep = 10;

bool IsOver(const std::unique_ptr<Replay>& replay) {
  return replay == nullptr || replay->done() || replay->failed();
}

}  // namespace

Recovery::Recovery(su_root_t* root, FindListener find_listener, Resume resume)
    : root_(root), find_listener_(std::move(find_listener)), resume_(std::move(resume)) {}

Recovery::~Recovery() = default;

void Recovery::Run(std::vector<JournaledCall> calls) {
  size_t next = 0;
  while (next < calls.size() || !running_.empty()) {
    while (next < calls.size() && running_.size() < kAtOnce) Begin(std::move(calls[next++]));
    su_root_step(root_, kStep);
    for (Running& running : running_) {
      if (running.caller) running.caller->Answer();
      if (running.callee) running.callee->Answer();
    }
    ResumeFinished();
  }
}

void Recovery::Begin(JournaledCall call) {
  Running running{.call = {.call = std::move(call.call)},
                  .give_up = std::chrono::steady_clock::now() + kPatience};
  journal::v1::Dialogs& dialogs = running.call.dialogs;
  if (!dialogs.ParseFromString(call.dialogs)) {
    base::LogError("dialogs in the journal are damaged", {{"call", running.call.call.name()}});
    dialogs.Clear();
  }
  const RecoveryPlan plan = PlanRecovery(dialogs, std::chrono::system_clock::now());
  running.call.answer_again = plan.answer_again;
  running.call.ack_held = plan.callee == Replay::Kind::kAnsweredAckHeld;
  if (plan.caller) {
    running.caller = BeginReplay(*plan.caller, dialogs.caller(), &running.call.caller_listener);
  }
  if (plan.callee) {
    running.callee = BeginReplay(*plan.callee, dialogs.callee(), &running.call.callee_listener);
  }
  running_.push_back(std::move(running));
}

std::unique_ptr<Replay> Recovery::BeginReplay(Replay::Kind kind, const journal::v1::Dialog& dialog,
                                              const Listener** listener) {
  *listener = find_listener_(dialog);
  if (*listener == nullptr) return nullptr;
  auto replay = std::make_unique<Replay>(kind, dialog, **listener);
  replays_[replay->key()] = replay.get();
  replay->Begin();
  return replay;
}

void Recovery::ResumeFinished() {
  const auto now = std::chrono::steady_clock::now();
  std::vector<Running> finished;
  const auto unfinished = std::partition(running_.begin(), running_.end(), [now](const Running& running) {
    return running.give_up > now && !(IsOver(running.caller) && IsOver(running.callee));
  });
  std::move(unfinished, running_.end(), std::back_inserter(finished));
  running_.erase(unfinished, running_.end());
  for (Running& running : finished) {
    running.call.caller = HandleOf(running.caller.get());
    running.call.callee = HandleOf(running.callee.get());
    resume_(std::move(running.call));
  }
}

nua_handle_t* Recovery::HandleOf(Replay* replay) {
  if (replay == nullptr) return nullptr;
  replays_.erase(replay->key());
  return replay->done() ? replay->Take() : nullptr;
}

Replay* Recovery::Find(const sip_t& sip) const {
  const auto found = replays_.find(DialogKey(sip, true));
  return found == replays_.end() ? nullptr : found->second;
}

}  // namespace adieu::sip
