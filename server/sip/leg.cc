#include "server/sip/leg.h"

#include <sofia-sip/nta.h>
#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_tag.h>

#include <algorithm>
#include <utility>

#include "server/policy/standard_phrase.h"
#include "server/sip/call.h"
#include "server/sip/ladder_line.h"
#include "server/sip/next_hop.h"
#include "server/sip/payload.h"

namespace adieu::sip {
namespace {

// Twice 64*T1 (an ACK or a final response to the INVITE, then the response to the BYE) and some.
constexpr std::chrono::seconds kGiveUp{68};

// 64*T1 and some.
constexpr std::chrono::seconds kByeUnderWay{34};

constexpr size_t kMaxKept = 64;

// More than timer H and T4 (RFC 3261 17.2): so long the stack answers retransmissions with what it has.
constexpr std::chrono::seconds kPhrasesLinger{45};

}  // namespace

bool NuaEvent::MadeByStack() const { return sip == nullptr || nta_sip_is_internal(sip) != 0; }

Leg::Leg(CallContext& context, Call& call, v1::LegSide side, nua_handle_t* handle, std::string dialog_key)
    : context_(context), call_(call), handle_(handle), side_(side), dialog_key_(std::move(dialog_key)) {}

Leg::~Leg() {
  context_.timers.Cancel(give_up_timer_);
  if (kept_) context_.timers.Schedule(kPhrasesLinger, [kept = std::move(kept_)] {});
}

nua_handle_t* Leg::other_handle() const {
  const Leg* other = call_.Other(*this);
  return other != nullptr ? other->handle() : nullptr;
}

bool Leg::End(const policy::Rendered& ending, const std::string& termination) {
  const policy::LegStep step = policy::StepFor(side_, Phase(), ending.action);
  const v1::LegAction action = policy::ActionOf(step, ending.action);
  auto report = termination.empty() ? nullptr
                                    : std::make_unique<EndingReport>(context_.events, termination,
                                                                     call_.name(), side_, action);
  if (step == policy::LegStep::kNothing) {
    if (report) report->Settle(call_.ended_by_peer() ? v1::LEG_OUTCOME_PEER_FIRST : v1::LEG_OUTCOME_FAILED);
    return false;
  }
  ending_ = ending;
  report_ = std::move(report);
  if (report_ && policy::FirstOutcome(step) == v1::LEG_OUTCOME_HELD) report_->Held();
  give_up_timer_ = context_.timers.Schedule(kGiveUp + ending.bye_after, [this] { GiveUp(); });
  Take(step);
  return true;
}

std::string Leg::NextHop(const sip_t& request) const {
  // Its connection is the only way to it (tls_stream.h).
  if (peer_transport_ == "tls" && !peer_address_.empty()) return "sip:" + peer_address_ + ";transport=tls";
  return HopToPeer(request, peer_address_, peer_transport_);
}

const char* Leg::Keep(int status, std::string_view phrase) {
  const std::string_view standard = policy::StandardPhrase(status);
  if (phrase == standard) return standard.data();
  if (kept_ && kept_->size() >= kMaxKept && std::find(kept_->begin(), kept_->end(), phrase) == kept_->end()) {
    return standard.data();
  }
  return KeepOwn(status, phrase);
}

const char* Leg::KeepOwn(int status, std::string_view phrase) {
  const std::string_view standard = policy::StandardPhrase(status);
  if (phrase == standard) return standard.data();
  if (!kept_) kept_ = std::make_shared<std::deque<std::string>>();
  const auto known = std::find(kept_->begin(), kept_->end(), phrase);
  return known != kept_->end() ? known->c_str() : kept_->emplace_back(phrase).c_str();
}

void Leg::ToLadder(v1::Direction direction, const sip_t& sip) {
  context_.events.OnMessage(call_.name(), LadderLine(side_, direction, sip));
}

void Leg::LearnPeer(const WireMessage& message) {
  peer_address_ = FormatAddress(*message.address);
  peer_transport_ = message.transport;
}

void Leg::Learn(v1::Direction direction, const sip_t& sip) {
  if (context_.journal == nullptr || sip.sip_cseq == nullptr || sip.sip_error != nullptr) return;
  const bool changed = record_.Learn(direction, sip);
  const bool refreshed = direction == v1::DIRECTION_RECEIVED && call_.LearnSessionTimer(sip);
  if (changed || refreshed) call_.OnDialogChanged();
}

journal::v1::Dialog Leg::Dialog() const {
  journal::v1::Dialog dialog = record_.dialog();
  if (!peer_address_.empty()) {
    dialog.set_peer_address(peer_address_);
    dialog.set_transport(peer_transport_);
  }
  return dialog;
}

void Leg::Ack(const PassedMessage& content) {
  ack_held_ = false;
  if (handle_ == nullptr) return;
  const Payload payload(content.body);
  nua_ack(handle_, TAG_IF(!content.headers.empty(), SIPTAG_HEADER_STR(content.headers.c_str())),
          TAG_IF(!content.body.empty(), SIPTAG_PAYLOAD(payload.get())), TAG_END());
}

void Leg::SendBye(const std::string& reason) {
  if (handle_ == nullptr || bye_sent_) return;
  bye_sent_ = true;
  // Never a BYE before the ACK (RFC 3261 15.1.1): the stack would send it.
  if (ack_held_) Ack({});
  call_.OnByeNext(*this, reason);
  if (report_ && !reason.empty() && report_->ending().action() == v1::LEG_ACTION_BYE) {
    AddReason(reason);
  }
  nua_bye(handle_, TAG_IF(!reason.empty(), SIPTAG_REASON_STR(reason.c_str())), TAG_END());
}

void Leg::AddReason(const std::string& value) {
  v1::Header* header = report_->ending().add_headers();
  header->set_name("Reason");
  header->set_value(value);
}

void Leg::OnByeSent(const sip_t& sip) {
  // With this number the stack ends the forks that came second.
  constexpr uint32_t kLosingFork = 0x7fffffff;
  if (sip.sip_cseq->cs_seq == kLosingFork) return;
  bye_cseq_ = sip.sip_cseq->cs_seq;
  if (report_ == nullptr || report_->ending().has_send_time()) return;
  if (report_->ending().action() == v1::LEG_ACTION_BYE) report_->Sent();
}

void Leg::OnByeResponse(const sip_t& sip) {
  const int status = sip.sip_status->st_status;
  // The stack answers a challenge with its credentials, if it has any.
  if (sip.sip_cseq->cs_method != sip_method_bye || status < 200 || status == 401 || status == 407) return;
  if (sip.sip_cseq->cs_seq != bye_cseq_) return;
  Settle(ByeOutcome());
  Over(v1::ENDED_BY_ADIEU);
  if (handle_ == nullptr) call_.OnLegGone();
}

void Leg::OnByeAnswered(const NuaEvent& event) {
  if (event.status < 200) return;
  Settle(event.MadeByStack() ? v1::LEG_OUTCOME_TIMED_OUT : ByeOutcome());
  Over(v1::ENDED_BY_ADIEU);
}

void Leg::Over(v1::EndedBy by) {
  if (std::exchange(over_, true)) return;
  call_.OnLegOver(*this, by);
}

void Leg::Release() {
  context_.timers.Cancel(give_up_timer_);
  if (handle_ == nullptr) return;
  Bind(handle_, nullptr);
  nua_handle_destroy(handle_);
  handle_ = nullptr;
}

void Leg::OnHandleOver(v1::EndedBy by) {
  if (handle_ != nullptr) {
    Release();
    if (!over_ && bye_cseq_ != 0) {
      // The stack is done with the session, our BYE is still under way: the wire tap sees what becomes of it.
      give_up_timer_ = context_.timers.Schedule(kByeUnderWay, [this] { GiveUp(); });
      return;
    }
    if (!over_) {
      Settle(v1::LEG_OUTCOME_FAILED);
      Over(by);
    }
  }
  call_.OnLegGone();
}

void Leg::GiveUp() {
  Settle(v1::LEG_OUTCOME_TIMED_OUT);
  Release();
  Over(v1::ENDED_BY_TIMEOUT);
  call_.OnLegGone();
}

void Leg::Resume(const journal::v1::Dialog& dialog) {
  record_ = DialogRecord(dialog);
  peer_address_ = dialog.peer_address();
  peer_transport_ = dialog.transport();
  if (handle_ != nullptr) Bind(handle_, this);
}

void Leg::Lose() {
  Over(v1::ENDED_BY_TIMEOUT);
  call_.OnLegGone();
}

void Leg::Settle(v1::LegOutcome outcome) {
  if (report_) report_->Settle(outcome);
}

}  // namespace adieu::sip
