#pragma once

#include <sofia-sip/msg.h>
#include <sofia-sip/sip.h>

#include <vector>

#include "server/sip/leg.h"

namespace adieu::sip {

// Passes requests within the dialog from one leg to the other, and the responses back. Owned by its call; the
// agent's thread. One request of a method at a time and leg.
class InDialogRelay {
 public:
  InDialogRelay() = default;
  ~InDialogRelay();
  InDialogRelay(const InDialogRelay&) = delete;
  InDialogRelay& operator=(const InDialogRelay&) = delete;

  // A request of `from`'s peer that waits for its answer. False: another one of its kind is under way.
  bool Pass(Leg& from, Leg& to, const NuaEvent& event);
  // The same for one that the stack has answered already.
  static void PassAnswered(Leg& to, const NuaEvent& event);
  // Answers what `from`'s peer waits for with 487 (RFC 3261 15.1.2): before a BYE of ours, at which the stack
  // would answer a re-INVITE with 486 and take the ACK for that of a 2xx, with what it has freed.
  void Refuse(Leg& from);
  // The request of `from`'s peer that would change the session is under way.
  bool ReinvitePending(const Leg& from) const;
  // A response that came at `at` to a request that was passed on; it goes back to `back`. Gives the method;
  // sip_method_unknown: it answers nothing that was passed on, or not finally.
  sip_method_t PassBack(Leg& at, Leg& back, const NuaEvent& event);

 private:
  struct Pending {
    const Leg* from;
    sip_method_t method;
    bool had_offer;
    // Referenced: says which request is answered. Null: it was.
    msg_t* request;
  };

  std::vector<Pending> pending_;
};

}  // namespace adieu::sip
