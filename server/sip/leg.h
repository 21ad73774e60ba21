#pragma once

#include <sofia-sip/nua.h>
#include <sofia-sip/sip.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adieu/v1/call.pb.h"
#include "adieu/v1/termination.pb.h"
#include "server/policy/render.h"
#include "server/policy/wire_table.h"
#include "server/sip/call_context.h"
#include "server/sip/dialog_record.h"
#include "server/sip/ending_report.h"
#include "server/sip/nua_event.h"
#include "server/sip/passed_message.h"
#include "server/sip/timer_queue.h"
#include "server/sip/wire_tap.h"

namespace adieu::sip {

class Call;

// One side of a call: a handle of the stack, what the wire tap saw of its dialog, and how it is ended. Owned
// by its call; the agent's thread. It asks nothing of the stack after the handle is gone.
class Leg : public HandleOwner {
 public:
  ~Leg() override;
  Leg(const Leg&) = delete;
  Leg& operator=(const Leg&) = delete;

  v1::LegSide side() const { return side_; }
  // message_text.h: DialogKey.
  const std::string& dialog_key() const { return dialog_key_; }
  nua_handle_t* handle() const { return handle_; }
  // Of the other leg of the call. Null: there is none.
  nua_handle_t* other_handle() const;
  // Nothing is left to be sent or awaited but the ACK of a refusal.
  bool over() const { return over_; }
  // The stack has let go of it, and nothing is awaited any more.
  virtual bool gone() const { return handle_ == nullptr && over_; }
  // Whether a request within the dialog can be sent.
  virtual bool has_dialog() const = 0;
  virtual policy::LegPhase Phase() const = 0;
  // An ending is carried out.
  bool ending() const { return ending_.has_value(); }
  // The Reason of the BYE that it gets, as the value of one header. Only while it is ending.
  const std::string& bye_reason() const { return ending_->bye_reason; }
  // The Reason of the peer's CANCEL or BYE, as the value of one header. Empty: it gave none.
  const std::string& peer_reason() const { return peer_reason_; }

  // Ends the leg by its phase, as the wire table of server/policy says. `termination`: the order that is
  // told of it; empty: nobody ordered it. An order for a leg that has nothing to end is told so at once.
  // False: there was nothing to end.
  bool End(const policy::Rendered& ending, const std::string& termination);
  // A BYE that waits for its time (Rendered.bye_after) gets it now.
  virtual void HastenBye() {}

  // What the wire tap saw of this dialog.
  virtual void OnRequest(v1::Direction direction, const WireMessage& message) = 0;
  virtual void OnResponse(v1::Direction direction, const WireMessage& message) = 0;
  // What would harm the stack at this moment: it does not see it.
  virtual bool IsTooLate(const sip_t&) const { return false; }
  // Where a request of this leg goes, as `sip:192.0.2.1:5060;transport=udp`. Empty: where the stack would
  // send it. A Contact or Route that shows a name is never looked up by the stack: the peer is reached where
  // its messages came from.
  virtual std::string NextHop(const sip_t& request) const;
  // What the CSeq of a request of ours is more than the stack counts.
  virtual uint32_t CseqShift(const sip_t&) const { return 0; }

  // A 2xx came to an INVITE of ours whose offer is the peer's: its ACK waits for the other side's answer.
  void HoldAck() { ack_held_ = true; }
  bool holds_ack() const { return ack_held_; }
  // The ACK of the 2xx to its INVITE passed.
  bool acknowledged() const { return record_.dialog().acknowledged(); }
  // Acknowledges the 2xx.
  void Ack(const PassedMessage& content);

  // As the journal keeps it.
  journal::v1::Dialog Dialog() const;
  // The stack cannot have the dialog of the process before this one: the leg is over.
  void Lose();
  // It was written down.
  void OnJournaled() { record_.OnWritten(); }

  // Text that the stack keeps a pointer to: a phrase is there until the stack has forgotten the transactions
  // of the leg. What a peer varies without end is replaced by the standard phrase of the code.
  const char* Keep(int status, std::string_view phrase);

 protected:
  Leg(CallContext& context, Call& call, v1::LegSide side, nua_handle_t* handle, std::string dialog_key);

  // The leg goes on with a dialog of the process before this one.
  void Resume(const journal::v1::Dialog& dialog);
  // The same for a phrase of our own, however many there are.
  const char* KeepOwn(int status, std::string_view phrase);

  // Carries out a step of the wire table; `ending_` and `report_` are set.
  virtual void Take(policy::LegStep step) = 0;
  // What it means that the peer confirmed our BYE.
  virtual v1::LegOutcome ByeOutcome() const { return v1::LEG_OUTCOME_ENDED; }

  void ToLadder(v1::Direction direction, const sip_t& sip);
  void LearnPeer(const WireMessage& message);
  // For the journal.
  void Learn(v1::Direction direction, const sip_t& sip);
  void SendBye(const std::string& reason);
  // To the headers that `report_` tells.
  void AddReason(const std::string& value);
  // A BYE left.
  void OnByeSent(const sip_t& sip);
  // The wire tap saw a response to it.
  void OnByeResponse(const sip_t& sip);
  // NUA's view: only what the stack made is news.
  void OnByeAnswered(const NuaEvent& event);
  // The leg is over; says so to the call once.
  void Over(v1::EndedBy by);
  // Lets go of the handle.
  void Release();
  void Settle(v1::LegOutcome outcome);
  // NUA says that the handle is over; `by`: who ended the leg, if nobody is known.
  void OnHandleOver(v1::EndedBy by);
  // What never ends by itself.
  void GiveUp();

  CallContext& context_;
  Call& call_;
  nua_handle_t* handle_;
  bool bye_sent_ = false;
  // CSeq of the BYE on the wire. Zero: none left.
  uint32_t bye_cseq_ = 0;
  std::string peer_reason_;
  DialogRecord record_;
  // The ending that is carried out.
  std::optional<policy::Rendered> ending_;
  // Null: nobody ordered it.
  std::unique_ptr<EndingReport> report_;

 private:
  const v1::LegSide side_;
  const std::string dialog_key_;
  bool over_ = false;
  bool ack_held_ = false;
  // `192.0.2.1:5060`, and `udp` or `tcp`.
  std::string peer_address_;
  std::string peer_transport_;
  // Null: none.
  std::shared_ptr<std::deque<std::string>> kept_;
  TimerQueue::Id give_up_timer_;
};

}  // namespace adieu::sip
