#pragma once

#include <sofia-sip/nua.h>
#include <sofia-sip/sip.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adieu/v1/call.pb.h"
#include "adieu/v1/termination.pb.h"
#include "server/policy/wire_table.h"
#include "server/sip/call_context.h"
#include "server/sip/port.h"
#include "server/sip/wire_tap.h"

namespace adieu::sip {

// What a call is made of, as read from its INVITE.
struct CallSeed {
  // Whole, for CallEvents::OnCall.
  v1::Call call;
  // message_text.h: DialogKey.
  std::string dialog_key;
  // The branch of the INVITE.
  std::string branch;
  uint32_t cseq = 0;
  // The INVITE's session description; empty: none.
  std::string offer;
  // The host that our own session description shows.
  std::string media_host;
  // How long it may ring.
  std::chrono::milliseconds ring_timeout{0};
};

// One call that is held ringing until somebody ends it: the caller leg, on which we are UAS. It sends what
// the wire table of server/policy decides and reports what the wire tap saw. Owned by the CallTable of its
// agent, which alone calls it, on its thread. When the leg's handle is gone and the ACK was seen or given up
// it asks to be dropped (CallContext::drop), once.
class ParkedCall {
 public:
  // `handle` is that of the INVITE; the call destroys it when NUA says that it is over.
  ParkedCall(CallContext& context, nua_handle_t* handle, CallSeed seed);
  ~ParkedCall();
  ParkedCall(const ParkedCall&) = delete;
  ParkedCall& operator=(const ParkedCall&) = delete;

  const std::string& name() const { return name_; }
  const std::string& dialog_key() const { return dialog_key_; }
  // False: the leg is over, at most the ACK of a refusal is missing.
  bool has_handle() const { return handle_ != nullptr; }

  // Tells of the call and of what the tap saw of it so far, then sends the 180 (reliably when the caller
  // requires it, RFC 3262) and repeats it within each minute (RFC 3261 13.3.1.1).
  void Begin(const std::vector<v1::SipMessage>& seen);
  // Carries out an order, by the leg's phase.
  void End(EndOrder order);
  // An answered call whose BYE waits for its time gets it now.
  void HastenBye();
  // Ends the leg in the shortest way: the agent goes down and nobody ordered anything.
  void LetGo();

  // Whether a message is of the INVITE's own transaction.
  bool IsOfInvite(const sip_t& sip) const;
  // What the wire tap saw of this dialog.
  void OnRequest(v1::Direction direction, const sip_t& sip);
  void OnResponse(v1::Direction direction, const sip_t& sip);

  // What NUA says of the handle.
  void OnAck();
  void OnByeFromCaller();
  void OnByeAnswered(int status, bool made_by_stack);
  void OnAckTimeout();
  void OnHandleOver();

 private:
  using Clock = std::chrono::system_clock;

  // No final response has left.
  bool ringing() const { return final_status_ == 0; }
  void OnProvisionalSent(const sip_t& sip);
  void OnFinalSent(int status, const std::string& phrase);
  void OnAnswerSent();
  void OnRefusalSent(int status, const std::string& phrase);
  void OnAckForRefusal();

  policy::LegPhase Phase() const;
  void SendFinal();
  void SendAnswer();
  void SendBye();
  void ScheduleRefresh();
  void WaitForAckOfRefusal();

  void Report(v1::LegOutcome outcome);
  void Settle(v1::LegOutcome outcome);
  void MoveTo(v1::CallState state);
  void Finish(v1::EndedBy ended_by);
  void Tell();
  void DropWhenDone();
  void StopRinging();

  CallContext& context_;
  nua_handle_t* handle_;
  const std::string name_;
  const std::string dialog_key_;
  const std::string branch_;
  const uint32_t cseq_;
  std::string offer_;
  const std::string media_host_;
  const std::chrono::milliseconds ring_timeout_;

  // What the next OnCall says; whole before the first, then only changes.
  v1::Call change_;
  v1::CallState state_ = v1::CALL_STATE_UNSPECIFIED;
  v1::EndedBy ended_by_ = v1::ENDED_BY_UNSPECIFIED;
  bool drop_asked_ = false;
  bool counted_as_ringing_ = true;

  // What left and came, by the tap.
  int last_provisional_ = 0;
  bool waits_for_prack_ = false;
  // A CANCEL or an early BYE was received: the stack answers the INVITE with 487 at once.
  bool caller_gave_up_ = false;
  int final_status_ = 0;
  bool ack_seen_or_given_up_ = false;
  bool answered_and_acked_ = false;
  bool bye_sent_ = false;

  // The order that is carried out; its phrase must live as long as the handle (NUA keeps the pointer).
  std::optional<EndOrder> order_;
  v1::LegEnding ending_;
  bool settled_ = false;

  TimerQueue::Id ring_timer_;
  TimerQueue::Id refresh_timer_;
  TimerQueue::Id bye_timer_;
  TimerQueue::Id ack_timer_;
};

}  // namespace adieu::sip
