#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "server/sip/leg.h"
#include "server/sip/passed_message.h"

namespace adieu::sip {

// What the caller leg is made of, as read from the INVITE.
struct CallerSeed {
  // message_text.h: DialogKey.
  std::string dialog_key;
  // The branch of the INVITE.
  std::string branch;
  uint32_t cseq = 0;
  // What the INVITE says of reliable provisional responses (RFC 3262).
  bool supports_100rel = false;
  bool requires_100rel = false;
  // The INVITE's session description; empty: none.
  std::string offer;
  // The host that our own session description shows.
  std::string media_host;
  // Our Contact. Empty: the one that the stack makes.
  std::string contact;
  // For the journal.
  journal::v1::Dialog dialog;
};

// A provisional response to the caller.
struct Provisional {
  int status = 180;
  std::string phrase = "Ringing";
  PassedMessage content;
  // It must be PRACKed.
  bool reliable = false;
  // The RAck of the callee's own reliable response, to which the caller's PRACK is passed on. Empty: it is
  // for us alone.
  std::string rack;
};

// The leg on which we are UAS: the INVITE came from here. It sends what it is told to and reports what the
// wire tap saw.
class CallerLeg : public Leg {
 public:
  // `handle` is that of the INVITE.
  CallerLeg(CallContext& context, Call& call, nua_handle_t* handle, CallerSeed seed);
  // For a dialog of the process before this one, or an INVITE that it did not answer; `handle` may be null.
  CallerLeg(CallContext& context, Call& call, nua_handle_t* handle, const journal::v1::Dialog& dialog,
            bool answered);
  ~CallerLeg() override;

  // The leg is one of two: reliable responses, transfers and what else concerns both are up to the peers.
  void Bridge();
  // Sends a provisional response, and it or its like within each minute (RFC 3261 13.3.1.1).
  void Ring(Provisional provisional);
  // Sends the answer of the callee.
  void Answer(int status, const std::string& phrase, const PassedMessage& content);
  // Sends a final response that nobody ordered. `contacts`: of a redirect, as the value of one header.
  void Refuse(int status, const std::string& phrase, const PassedMessage& content,
              const std::string& contacts, v1::EndedBy by);

  // Whether a message is of the INVITE's own transaction.
  bool IsOfInvite(const sip_t& sip) const;
  bool had_offer() const { return had_offer_; }
  // It can be sent provisional responses that it must PRACK.
  bool takes_100rel() const { return supports_100rel_ || requires_100rel_; }

  bool gone() const override { return Leg::gone() && (final_status_ < 300 || ack_seen_or_given_up_); }
  bool has_dialog() const override { return handle_ != nullptr; }
  policy::LegPhase Phase() const override;
  void HastenBye() override;
  void OnNua(const NuaEvent& event) override;
  void OnRequest(v1::Direction direction, const WireMessage& message) override;
  void OnResponse(v1::Direction direction, const WireMessage& message) override;

 private:
  // No final response has left.
  bool ringing() const { return final_status_ == 0; }
  bool waits_for_prack() const { return !unpracked_.empty(); }
  // A 2xx may not leave yet (RFC 3262 3). The stack would hold it for the first PRACK only, and dies when a
  // second reliable response waits for its own.
  bool must_hold_answer() const { return !racks_.empty(); }

  void Take(policy::LegStep step) override;
  void SendProvisional(const Provisional& provisional);
  void SendOrderedFinal();
  void SendOrderedAnswer();
  void RespondOrderedAnswer(const PassedMessage& content);
  void ScheduleRefresh();

  void OnAck(const sip_t* sip);
  void OnPrack(const NuaEvent& event);
  void OnBye();
  void OnAckTimeout();

  void OnProvisionalSent(const sip_t& sip);
  void OnFinalSent(int status, const std::string& phrase);
  void OnRefusalSent(int status, const std::string& phrase, bool ours);
  void OnAckForRefusal();
  void WaitForAckOfRefusal();

  const std::string branch_;
  const uint32_t cseq_;
  const bool supports_100rel_;
  const bool requires_100rel_;
  const bool had_offer_;
  std::string offer_;
  const std::string media_host_;
  const std::string contact_;

  Provisional last_sent_;
  // The RAck values of Provisional, for those that were not PRACKed yet.
  std::deque<std::string> racks_;
  // What is sent when the last PRACK came: the answer of the callee, or the ordered one. Null: nothing.
  std::function<void()> held_answer_;
  // The answer of the callee was handed to the stack.
  bool answer_asked_ = false;
  // Refuse was called.
  bool refusal_asked_ = false;
  v1::EndedBy refused_by_ = v1::ENDED_BY_UNSPECIFIED;

  // What left and came, by the tap.
  int last_provisional_ = 0;
  // The RSeq of reliable responses without their PRACK.
  std::set<uint32_t> unpracked_;
  uint32_t last_pracked_ = 0;
  // A CANCEL or an early BYE was received: the stack answers the INVITE with 487 at once.
  bool caller_gave_up_ = false;
  int final_status_ = 0;
  bool ack_seen_or_given_up_ = false;
  bool answered_and_acked_ = false;

  TimerQueue::Id refresh_timer_;
  TimerQueue::Id bye_timer_;
  TimerQueue::Id ack_timer_;
};

}  // namespace adieu::sip
