#pragma once

#include <sofia-sip/sip.h>
#include <sofia-sip/su_wait.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "adieu/journal/v1/dialogs.pb.h"
#include "server/sip/listener.h"
#include "server/sip/port.h"
#include "server/sip/recovery_plan.h"
#include "server/sip/replay.h"

namespace adieu::sip {

// A call of the process before this one, with what its legs have now.
struct RecoveredCall {
  v1::Call call;
  journal::v1::Dialogs dialogs;
  bool answer_again = false;
  // Null: the leg cannot be had, or there is none. Whoever takes the call owns them.
  nua_handle_t* caller = nullptr;
  nua_handle_t* callee = nullptr;
  // Of the listeners; null without a handle.
  const Listener* caller_listener = nullptr;
  const Listener* callee_listener = nullptr;
  // The 2xx of the callee waits for its ACK, which needs that of the caller.
  bool ack_held = false;
};

// Takes up the calls of the process before this one, before any message of a peer is looked at. Owned by the
// switchboard, which asks it about the messages of replays while it runs; the agent's thread.
class Recovery {
 public:
  // The listener of this name, if it reaches the peer; else another one that does. Null: none.
  using FindListener = std::function<const Listener*(const journal::v1::Dialog& dialog)>;
  using Resume = std::function<void(RecoveredCall call)>;

  Recovery(su_root_t* root, FindListener find_listener, Resume resume);
  ~Recovery();
  Recovery(const Recovery&) = delete;
  Recovery& operator=(const Recovery&) = delete;

  // Steps the root until each of them was resumed. A call whose dialogs the stack does not make in time is
  // resumed without them.
  void Run(std::vector<JournaledCall> calls);

  // The replay that this message belongs to: of the dialog that the INVITE in it began. Null: none.
  Replay* Find(const sip_t& sip) const;

 private:
  struct Running {
    RecoveredCall call;
    std::unique_ptr<Replay> caller;
    std::unique_ptr<Replay> callee;
    std::chrono::steady_clock::time_point give_up;
  };

  void Begin(JournaledCall call);
  std::unique_ptr<Replay> BeginReplay(Replay::Kind kind, const journal::v1::Dialog& dialog,
                                      const Listener** listener);
  // Takes what is finished out of `running_`.
  void ResumeFinished();
  nua_handle_t* HandleOf(Replay* replay);

  su_root_t* const root_;
  const FindListener find_listener_;
  const Resume resume_;
  std::vector<Running> running_;
  std::unordered_map<std::string, Replay*> replays_;
};

}  // namespace adieu::sip
