#include "server/sip/caller_leg.h"

#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_alloc.h>

#include <utility>

#include "server/sip/call.h"
#include "server/sip/parser_guards.h"
#include "server/sip/payload.h"
#include "server/sip/replay.h"
#include "server/sip/replay_message.h"
#include "server/sip/sdp.h"

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_header.h>

namespace adieu::sip {
namespace {

using policy::LegPhase;
using policy::LegStep;

// RFC 3261 13.3.1.1 asks for one within each minute.
constexpr std::chrono::seconds kRefresh{50};

// REFER is not among the methods of the listener: outside of a dialog the stack is not safe with it.
constexpr char kBridgedAllow[] = "INVITE,ACK,BYE,CANCEL,INFO,UPDATE,OPTIONS,MESSAGE,PRACK,REFER,NOTIFY";

std::string JoinHeaders(const std::vector<v1::Header>& headers) {
  std::string text;
  for (const v1::Header& header : headers) {
    if (header.name() == "Contact") continue;
    text.append(header.name()).append(": ").append(header.value()).append("\r\n");
  }
  return text;
}

std::string ContactOf(const std::vector<v1::Header>& headers) {
  for (const v1::Header& header : headers) {
    if (header.name() == "Contact") return header.value();
  }
  return "";
}

// A final response to the INVITE.
void RespondFinal(nua_handle_t* handle, int status, const char* phrase, const std::string& headers,
                  const std::string& contacts, const std::string& body) {
  su_home_t home[1] = {SU_HOME_INIT(home)};
  su_home_init(home);
  const sip_contact_t* contact = contacts.empty() ? nullptr : MakeOwnContact(home, contacts.c_str());
  const Payload payload(body);
  nua_respond(handle, status, phrase, TAG_IF(contact != nullptr, SIPTAG_CONTACT(contact)),
              TAG_IF(!headers.empty(), SIPTAG_HEADER_STR(headers.c_str())),
              TAG_IF(!body.empty(), SIPTAG_PAYLOAD(payload.get())), TAG_END());
  su_home_deinit(home);
}

}  // namespace

CallerLeg::CallerLeg(CallContext& context, Call& call, nua_handle_t* handle, CallerSeed seed)
    : Leg(context, call, v1::LEG_SIDE_CALLER, handle, std::move(seed.dialog_key)),
      branch_(std::move(seed.branch)),
      cseq_(seed.cseq),
      supports_100rel_(seed.supports_100rel),
      requires_100rel_(seed.requires_100rel),
      had_offer_(!seed.offer.empty()),
      offer_(std::move(seed.offer)),
      media_host_(std::move(seed.media_host)),
      contact_(std::move(seed.contact)) {
  record_ = DialogRecord(std::move(seed.dialog));
}

CallerLeg::CallerLeg(CallContext& context, Call& call, nua_handle_t* handle,
                     const journal::v1::Dialog& dialog, bool answered)
    : Leg(context, call, v1::LEG_SIDE_CALLER, handle, dialog.call_id() + '\n' + TagIn(dialog.remote())),
      branch_(BranchIn(dialog.via())),
      cseq_(dialog.invite_cseq()),
      supports_100rel_(false),
      requires_100rel_(false),
      had_offer_(dialog.offered()) {
  Resume(dialog);
  if (!answered) return;
  final_status_ = 200;
  answered_and_acked_ = true;
  ack_seen_or_given_up_ = true;
  record_.dialog().set_local_cseq(Replay::FirstCseq(dialog));
  record_.Acknowledge();
}

CallerLeg::~CallerLeg() {
  for (TimerQueue::Id* timer : {&refresh_timer_, &bye_timer_, &ack_timer_}) context_.timers.Cancel(*timer);
}

void CallerLeg::Bridge() {
  // Without 100rel here the stack makes no response reliable by itself; `Require: 100rel` in one does.
  nua_set_hparams(handle_, SIPTAG_SUPPORTED_STR("replaces,timer"), SIPTAG_ALLOW_STR(kBridgedAllow),
                  TAG_END());
}

void CallerLeg::Ring(Provisional provisional) {
  if (handle_ == nullptr || !ringing() || ending_ || answer_asked_ || held_answer_ || refusal_asked_) return;
  SendProvisional(provisional);
  last_sent_ = std::move(provisional);
  ScheduleRefresh();
}

void CallerLeg::SendProvisional(const Provisional& provisional) {
  const bool reliable = provisional.reliable || requires_100rel_;
  if (reliable) racks_.push_back(provisional.rack);
  const std::string headers = provisional.content.headers + (reliable ? "Require: 100rel\r\n" : "");
  const Payload payload(provisional.content.body);
  nua_respond(handle_, provisional.status, Keep(provisional.status, provisional.phrase),
              TAG_IF(!contact_.empty(), SIPTAG_CONTACT_STR(contact_.c_str())),
              TAG_IF(!headers.empty(), SIPTAG_HEADER_STR(headers.c_str())),
              TAG_IF(!provisional.content.body.empty(), SIPTAG_PAYLOAD(payload.get())), TAG_END());
}

void CallerLeg::ScheduleRefresh() {
  context_.timers.Cancel(refresh_timer_);
  refresh_timer_ = context_.timers.Schedule(kRefresh, [this] {
    if (handle_ == nullptr || !ringing() || ending_ || answer_asked_) return;
    if (!waits_for_prack() && !held_answer_) {
      Provisional again = last_sent_;
      // What was delivered reliably needs no second delivery.
      if (std::exchange(again.reliable, false)) again.content = {};
      again.rack.clear();
      SendProvisional(again);
    }
    ScheduleRefresh();
  });
}

void CallerLeg::Answer(int status, const std::string& phrase, const PassedMessage& content) {
  if (handle_ == nullptr || !ringing() || ending_ || refusal_asked_) return;
  if (must_hold_answer()) {
    held_answer_ = [this, status, phrase, content] { Answer(status, phrase, content); };
    return;
  }
  answer_asked_ = true;
  RespondFinal(handle_, status, Keep(status, phrase), content.headers, contact_, content.body);
}

void CallerLeg::Refuse(int status, const std::string& phrase, const PassedMessage& content,
                       const std::string& contacts, v1::EndedBy by) {
  if (handle_ == nullptr || !ringing() || ending_ || refusal_asked_) return;
  refusal_asked_ = true;
  refused_by_ = by;
  RespondFinal(handle_, status, Keep(status, phrase), content.headers, contacts, content.body);
}

LegPhase CallerLeg::Phase() const {
  if (over() || handle_ == nullptr) return LegPhase::kTerminated;
  if (ending_ || refusal_asked_ || bye_sent_) return LegPhase::kTerminating;
  if (final_status_ != 0) return answered_and_acked_ ? LegPhase::kAnswered : LegPhase::kAnsweredNoAck;
  if (waits_for_prack()) return LegPhase::kUnprackedProvisional;
  if (answer_asked_) return LegPhase::kAnsweredNoAck;
  return last_provisional_ > 100 ? LegPhase::kRinging : LegPhase::kReceived;
}

void CallerLeg::Take(LegStep step) {
  switch (step) {
    case LegStep::kSendFinal:
      SendOrderedFinal();
      break;
    case LegStep::kAnswerNow:
    case LegStep::kHoldAnswerForPrack:
      SendOrderedAnswer();
      break;
    case LegStep::kBye:
      SendBye(ending_->bye_reason);
      break;
    default:
      break;
  }
}

void CallerLeg::SendOrderedFinal() {
  held_answer_ = nullptr;
  RespondFinal(handle_, ending_->status_code, KeepOwn(ending_->status_code, ending_->reason_phrase),
               JoinHeaders(ending_->headers), ContactOf(ending_->headers), "");
}

void CallerLeg::SendOrderedAnswer() {
  held_answer_ = nullptr;
  if (must_hold_answer()) {
    held_answer_ = [this] { SendOrderedAnswer(); };
    return;
  }
  PassedMessage content{.headers = JoinHeaders(ending_->headers) + "Content-Type: application/sdp\r\n",
                        .body = offer_.empty() ? InactiveOffer(media_host_) : AnswerTo(offer_, media_host_)};
  call_.JournalAnswer(ending_->status_code, ending_->reason_phrase, content,
                      [this, content] { RespondOrderedAnswer(content); });
}

void CallerLeg::RespondOrderedAnswer(const PassedMessage& content) {
  if (handle_ == nullptr || !ringing() || !ending_) return;
  RespondFinal(handle_, ending_->status_code, KeepOwn(ending_->status_code, ending_->reason_phrase),
               content.headers, contact_, content.body);
}

void CallerLeg::HastenBye() {
  if (ending_ && answered_and_acked_) SendBye(ending_->bye_reason);
}

void CallerLeg::OnNua(const NuaEvent& event) {
  switch (event.event) {
    case nua_i_ack:
      return OnAck(event.sip);
    case nua_i_prack:
      return OnPrack(event);
    case nua_i_bye:
      return OnBye();
    case nua_r_bye:
      return OnByeAnswered(event);
    case nua_i_error:
      if (event.status == 408) OnAckTimeout();
      return;
    case nua_i_terminated:
      return OnHandleOver(v1::ENDED_BY_ADIEU);
    default:
      call_.OnInDialog(*this, event);
  }
}

void CallerLeg::OnAck(const sip_t* sip) {
  const bool first = !std::exchange(answered_and_acked_, true);
  ack_seen_or_given_up_ = true;
  if (record_.Acknowledge()) call_.OnDialogChanged();
  if (sip != nullptr) call_.OnAck(*this, *sip);
  if (!first || !ending_) return;
  // The time that a treatment gives is for our own answer, not for that of the callee.
  if (answer_asked_ || ending_->bye_after.count() == 0 || context_.hasten_byes) {
    SendBye(ending_->bye_reason);
  } else {
    bye_timer_ = context_.timers.Schedule(ending_->bye_after, [this] { SendBye(ending_->bye_reason); });
  }
}

void CallerLeg::OnPrack(const NuaEvent& event) {
  std::string rack;
  if (!racks_.empty()) {
    rack = std::move(racks_.front());
    racks_.pop_front();
  }
  if (!rack.empty() && event.sip != nullptr) call_.OnPrack(rack, *event.sip);
  if (!held_answer_ || must_hold_answer() || handle_ == nullptr || !ringing()) return;
  std::exchange(held_answer_, nullptr)();
}

void CallerLeg::OnBye() {
  // Before the final response the stack answers the INVITE with 487, and the tap sees that.
  if (ringing()) return;
  if (report_ && !report_->settled() && bye_sent_) context_.metrics.Glare(metrics::GlareKind::kByeCrossed);
  Settle(v1::LEG_OUTCOME_PEER_FIRST);
  Over(v1::ENDED_BY_CALLER);
}

void CallerLeg::OnAckTimeout() {
  ack_seen_or_given_up_ = true;
  Settle(v1::LEG_OUTCOME_TIMED_OUT);
  Over(v1::ENDED_BY_TIMEOUT);
}

}  // namespace adieu::sip
