#pragma once

#include <sofia-sip/su_wait.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace adieu::sip {

// Brings what the journal answers to the agent's thread. Made and closed there; anybody may hold it and post
// to it, also when the agent is gone: then nothing comes of it.
class JournalInbox : public std::enable_shared_from_this<JournalInbox> {
 public:
  struct Answer {
    std::string call;
    // CallJournal's.
    uint64_t serial = 0;
    bool stored = false;
  };
  using Take = std::function<void(const Answer& answer)>;

  JournalInbox(su_root_t* root, Take take) : root_(root), take_(std::move(take)) {}

  // Any thread.
  void Post(Answer answer);
  // The agent's thread: nothing is taken any more.
  void Close();

 private:
  static void OnWake(su_root_magic_t*, su_msg_r, su_msg_arg_t* data);

  std::mutex mutex_;
  // Guarded by mutex_. Null: closed.
  su_root_t* root_;
  // Guarded by mutex_.
  std::vector<Answer> answers_;
  // A message to the root is under way. Guarded by mutex_.
  bool woken_ = false;
  // The agent's thread only.
  Take take_;
};

}  // namespace adieu::sip
