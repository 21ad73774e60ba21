#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adieu/v1/call.pb.h"
#include "server/sip/call_context.h"
#include "server/sip/call_journal.h"
#include "server/sip/callee_leg.h"
#include "server/sip/caller_leg.h"
#include "server/sip/hunt.h"
#include "server/sip/in_dialog_relay.h"
#include "server/sip/port.h"
#include "server/sip/recovery.h"

namespace adieu::sip {

// What a call is made of, as read from its INVITE.
struct CallSeed {
  // Whole, for CallEvents::OnCall.
  v1::Call call;
  CallerSeed caller;
  // How long it may ring.
  std::chrono::milliseconds ring_timeout{0};
  // None: the call is parked.
  std::optional<ForwardSeed> forward;
};

// What the caller gets when the far end failed for good.
struct Refusal {
  int status = 0;
  std::string phrase;
  PassedMessage content;
  // Of a redirect, as the value of one header.
  std::string contacts;
  v1::EndedBy by = v1::ENDED_BY_CALLEE;
};

// One call: held ringing until somebody ends it, or sent on to a target with what both sides say passed
// through. Owns its legs and brings what happens on one to the other; a leg that ends always ends the other.
// Owned by the CallTable of its agent, which alone calls it, on its thread. When the stack has let go of
// every leg it asks to be dropped (CallContext::drop), once.
class Call {
 public:
  // `handle` is that of the INVITE.
  Call(CallContext& context, nua_handle_t* handle, CallSeed seed);
  // A call of the process before this one.
  Call(CallContext& context, const RecoveredCall& recovered);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  const std::string& name() const { return name_; }
  CallerLeg& caller() { return caller_; }
  CallJournal& journal() { return journal_; }
  // The other one of the two legs; null: there is none.
  Leg* Other(const Leg& leg);
  // False: the legs are over, at most the ACK of a refusal is missing.
  bool has_handles() const;
  // One of the two sides ended it.
  bool ended_by_peer() const { return ended_by_ == v1::ENDED_BY_CALLER || ended_by_ == v1::ENDED_BY_CALLEE; }

  // Tells of the call and of what the tap saw of it so far, then rings or calls the first target, now or when
  // it was held.
  void Begin(const std::vector<v1::SipMessage>& seen);
  // Tells of the recovered call and goes on with it: what is answered goes on, until its session timer or
  // `max_age` is over when its sides do not show that they are there; what rang or was being ended ends.
  void GoOn(const RecoveredCall& recovered, std::chrono::milliseconds max_age);
  // Carries out an order, on every leg by its phase.
  void End(const EndOrder& order);
  // The call is not held any longer, if it was.
  void Release();
  // An answered call whose BYE waits for its time gets it now.
  void HastenBye();
  // Ends the legs in the shortest way: the agent goes down and nobody ordered anything.
  void LetGo();

  // What the hunt decides: INVITE this one; nothing was reachable.
  void Invite(CalleeSeed seed);
  void OnNoTarget(metrics::FailoverReason why);
  // The target said nothing for too long.
  void OnNoAnswer();

  // What the caller leg tells: a provisional response left, the first final one left.
  void OnCallerStatus(int status);
  void OnCallerFinal(int status);
  // What the callee leg tells: its INVITE left; the first response came; NUA's view of the responses.
  void OnCalleeInvited(CalleeLeg& leg, const WireMessage& message);
  void OnCalleeHeard(const CalleeLeg& leg);
  void OnCalleeStatus(const CalleeLeg& leg, const sip_t& sip);
  void OnCalleeProvisional(CalleeLeg& leg, const sip_t& sip);
  void OnCalleeAnswered(CalleeLeg& leg, const sip_t& sip);
  void OnCalleeFailed(CalleeLeg& leg, const NuaEvent& event);
  // What both tell.
  void OnAck(Leg& from, const sip_t& sip);
  void OnInDialog(Leg& leg, const NuaEvent& event);
  // The PRACK of the caller for a reliable response of the callee; the stack has answered it.
  void OnPrack(const std::string& rack, const sip_t& sip);
  // A BYE of ours leaves next.
  void OnByeNext(Leg& leg, const std::string& reason);
  // The caller is to be answered with this: `go_on` runs when the journal has it.
  void JournalAnswer(int status, const std::string& phrase, const PassedMessage& content,
                     std::function<void()> go_on);
  // What the journal keeps of a leg changed.
  void OnDialogChanged();
  // A response of a peer says something about the session timer (RFC 4028). True: it was started anew.
  bool LearnSessionTimer(const sip_t& response);
  void OnLegOver(Leg& leg, v1::EndedBy by);
  // The stack let go of a leg, or its last ACK was seen or given up.
  void OnLegGone();

 private:
  // Ends both legs by their phases; `reason`: what a leg in a dialog is told.
  void EndAll(const std::string& reason);
  // Nobody claims the recovered call.
  void OnUnclaimed();
  journal::v1::Dialogs Dialogs();
  void Journal();
  // Ends a leg because of the other side; `reason` is what that side said.
  void EndBecauseOf(Leg& leg, const std::string& reason);
  // What a callee is told when the caller's leg is over.
  std::string ReasonForCallee(v1::EndedBy by);
  void Start();
  // Nothing is sent until an order ends the call; without one `go_on` runs after kHoldPatience.
  void Hold(std::function<void()> go_on);
  void StopHolding();
  // The far end failed with this status and Reason: the caller gets the refusal, now or when it was held.
  void Fail(int status, const std::string& reason, Refusal refusal);
  void StopRinging();
  // The target in hand is let go; the hunt goes on without it.
  void SetAside();
  void MoveTo(v1::CallState state);
  void MoveLegTo(const Leg& leg, v1::CallState state);
  v1::Leg* ChangeOf(const Leg& leg);
  void Tell();

  CallContext& context_;
  const std::string name_;
  const std::chrono::milliseconds ring_timeout_;

  // What the next OnCall says; whole before the first, then only changes.
  v1::Call change_;
  v1::CallState state_ = v1::CALL_STATE_UNSPECIFIED;
  v1::EndedBy ended_by_ = v1::ENDED_BY_UNSPECIFIED;
  bool counted_as_ringing_ = true;
  bool answer_time_told_ = false;
  bool drop_asked_ = false;

  CallerLeg caller_;
  // Null while nobody was called.
  std::unique_ptr<CalleeLeg> callee_;
  // Legs to targets that were given up; each ends by itself.
  std::vector<std::unique_ptr<CalleeLeg>> set_aside_;
  // None: parked.
  std::optional<Hunt> hunt_;
  // The To tag of the callee whose early description the caller has; of a fork it gets no second one.
  std::string described_by_;
  InDialogRelay relay_;

  CallJournal journal_;
  // What Dialogs() says beside the legs.
  journal::v1::Dialogs common_;
  // Of a recovered call whose sides did not show yet that they are there.
  TimerQueue::Id claim_timer_;

  TimerQueue::Id ring_timer_;
  // What a held call does next. Null: it is not held.
  std::function<void()> go_on_;
  // Who ended the far end of a held call; UNSPECIFIED: it has not begun.
  v1::EndedBy far_end_ended_by_ = v1::ENDED_BY_UNSPECIFIED;
  TimerQueue::Id hold_timer_;
};

}  // namespace adieu::sip
