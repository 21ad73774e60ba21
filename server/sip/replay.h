#pragma once

#include <sofia-sip/nua.h>
#include <sofia-sip/sip.h>

#include <cstdint>
#include <string>

#include "adieu/journal/v1/dialogs.pb.h"
#include "server/sip/listener.h"
#include "server/sip/nua_event.h"

namespace adieu::sip {

// Makes a handle of this process for a dialog of the one before: the stack lives through the beginning of the
// dialog once more. What it sends meanwhile does not leave, what it waits for it gets from here. Then the
// handle is as whole as any other. Owned by the recovery; the agent's thread.
class Replay : public HandleOwner {
 public:
  enum class Kind {
    // An answered dialog: the stack invites and is answered, on either side of the call.
    kAnswered,
    // The same, and the ACK of the 2xx leaves: nobody knows that it ever did.
    kAnsweredNoAck,
    // The same without the ACK, which needs the answer of the other side.
    kAnsweredAckHeld,
    // Our INVITE to a callee that rings.
    kRingingCallee,
    // The caller's INVITE, which has no final response.
    kUnansweredCaller,
  };

  // The CSeq of the INVITE that the stack makes of an answered dialog, or of one of ours that rings.
  static uint32_t FirstCseq(const journal::v1::Dialog& dialog);

  // `listener` outlives it.
  Replay(Kind kind, const journal::v1::Dialog& dialog, const Listener& listener);
  ~Replay() override;
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  // Call-ID and From tag of the INVITE, as message_text.h: DialogKey.
  const std::string& key() const { return key_; }
  // Lets the stack begin.
  void Begin();
  // Gives the stack the response that it waits for, if it does.
  void Answer();
  bool done() const { return state_ == State::kDone; }
  bool failed() const { return state_ == State::kFailed; }
  // The handle, once it is done. The caller owns it.
  nua_handle_t* Take();

  // A message of this dialog is to be sent. False: it does not leave.
  bool Sends(const sip_t& sip);
  // The caller's INVITE has come to this handle.
  void TakeInvite(nua_handle_t* handle);
  void OnNua(const NuaEvent& event) override;

  // What our INVITE must have; empty: what the stack chooses.
  std::string BranchOf(const sip_t& request) const;
  std::string NextHop(const sip_t& request) const;
  // The tag of our side.
  std::string LocalTag() const;

 private:
  enum class State { kBegun, kInvited, kAnswered, kDone, kFailed };

  bool ours() const { return kind_ != Kind::kUnansweredCaller; }
  const Kind kind_;
  const journal::v1::Dialog dialog_;
  const Listener& listener_;
  const std::string key_;
  State state_ = State::kBegun;
  nua_handle_t* handle_ = nullptr;
  // Of the INVITE of ours, until it is answered.
  std::string sent_via_;
  std::string sent_cseq_;
};

}  // namespace adieu::sip
