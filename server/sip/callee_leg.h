#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "server/sip/forward_plan.h"
#include "server/sip/leg.h"
#include "server/sip/passed_message.h"

namespace adieu::sip {

// What the INVITE to a target is made of.
struct CalleeSeed {
  // Of the listener that sends it; outlives the leg.
  nua_t* nua = nullptr;
  // Of the requests. Empty: the one that the stack makes.
  std::string contact;
  std::string call_id;
  // Of our From.
  std::string tag;
  // Values of the headers; From without the tag.
  std::string from;
  std::string to;
  std::string request_uri;
  // `sip:192.0.2.1:5060;transport=udp`.
  std::string next_hop;
  // The name of the listener.
  std::string listener;
  int max_forwards = 70;
  PassedMessage content;
  // For the target's challenges; outlives the leg. Null: they go to the caller.
  const Credentials* credentials = nullptr;
};

// The leg on which we are UAC: the INVITE goes to a target. It asks its call what becomes of responses.
class CalleeLeg : public Leg {
 public:
  // The methods that we take within the dialog.
  static constexpr char kAllow[] = "INVITE,ACK,BYE,CANCEL,INFO,UPDATE,OPTIONS,MESSAGE,PRACK,REFER,NOTIFY";

  // Makes the handle.
  CalleeLeg(CallContext& context, Call& call, CalleeSeed seed);
  // For a dialog of the process before this one, or an INVITE that rings; `handle` may be null.
  CalleeLeg(CallContext& context, Call& call, nua_t* nua, nua_handle_t* handle,
            const journal::v1::Dialog& dialog, bool answered);

  // Sends the INVITE. The leg must be known to the wire tap by then.
  void Invite();
  // PRACK for a reliable provisional response; `rack` as OnCalleeProvisional had it.
  void Prack(const std::string& rack, const PassedMessage& content);

  // From now on the caller knows that it was answered; an ending that comes earlier meets the 2xx on its way.
  void OnAnswerPassed() { answer_passed_ = true; }

  const std::string& call_id() const { return seed_.call_id; }
  const std::string& request_uri() const { return seed_.request_uri; }
  nua_t* nua() const { return seed_.nua; }

  bool has_dialog() const override { return handle_ != nullptr && has_dialog_; }
  policy::LegPhase Phase() const override;
  void OnNua(const NuaEvent& event) override;
  void OnRequest(v1::Direction direction, const WireMessage& message) override;
  void OnResponse(v1::Direction direction, const WireMessage& message) override;
  // A 1xx that was overtaken by the 2xx: the stack would take it for the last word and acknowledge nothing.
  bool IsTooLate(const sip_t& sip) const override;
  std::string NextHop(const sip_t& request) const override;
  uint32_t CseqShift(const sip_t& request) const override;

 private:
  void Take(policy::LegStep step) override;
  v1::LegOutcome ByeOutcome() const override;
  void OnInviteAnswered(const NuaEvent& event);
  void OnAnswer(const NuaEvent& event);
  // For an ending that the 2xx crossed.
  void SendByeAcross();
  void OnFailure(const NuaEvent& event);
  // True: the INVITE is sent again with credentials.
  bool Authenticate(const NuaEvent& event);
  void OnBye();
  void OnInviteResponse(const sip_t& sip);

  CalleeSeed seed_;
  // What the tap saw.
  uint32_t invite_cseq_ = 0;
  int last_status_ = 0;
  std::set<std::string> to_tags_;

  // For the stack: a 2xx or a reliable 1xx came.
  bool has_dialog_ = false;
  bool answered_ = false;
  // The final response was none to be answered by an ACK of ours.
  bool failed_ = false;
  bool answer_passed_ = false;
  // The 2xx crossed our CANCEL, or came while it was held; or the caller was not told of it yet.
  bool answered_first_ = false;
  bool authenticated_ = false;
  // For requests within a dialog of the process before this one.
  uint32_t cseq_shift_ = 0;
};

}  // namespace adieu::sip
