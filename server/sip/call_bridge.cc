#include <sofia-sip/nta.h>

#include <utility>

#include "server/base/clock.h"
#include "server/policy/standard_phrase.h"
#include "server/sip/call.h"
#include "server/sip/clean_text.h"
#include "server/sip/far_end.h"
#include "server/sip/message_text.h"
#include "server/sip/pass_on.h"
#include "server/sip/redirect_contacts.h"

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_header.h>

// How the answers of a target become those of the caller.
namespace adieu::sip {
namespace {

// Our own responses say by themselves whether they are reliable.
void DropRequire100rel(std::string* headers) {
  constexpr std::string_view kLine = "Require: 100rel\r\n";
  const size_t at = headers->find(kLine);
  if (at != std::string::npos) headers->erase(at, kLine.size());
}

std::string RackOf(const sip_t& sip) {
  return std::to_string(sip.sip_rseq->rs_response) + " " + std::to_string(sip.sip_cseq->cs_seq) + " INVITE";
}

}  // namespace

void Call::OnCallerStatus(int status) {
  change_.mutable_caller()->set_last_status_code(status);
  Tell();
}

void Call::OnCallerFinal(int status) {
  StopRinging();
  change_.mutable_caller()->set_last_status_code(status);
  if (status >= 300) return;
  // A recovered call may be answered once more.
  if (!std::exchange(answer_time_told_, true)) {
    *change_.mutable_answer_time() = base::ToTimestamp(std::chrono::system_clock::now());
  }
  if (state_ == v1::CALL_STATE_RINGING) {
    MoveTo(v1::CALL_STATE_ANSWERED);
    MoveLegTo(caller_, v1::CALL_STATE_ANSWERED);
  }
  Tell();
}

void Call::OnCalleeInvited(CalleeLeg& leg, const WireMessage& message) {
  if (&leg != callee_.get()) return;
  const sip_t& sip = *message.sip;
  v1::Leg* told = change_.mutable_callee();
  told->set_sip_call_id(leg.call_id());
  told->set_from_uri(UriText(sip.sip_from->a_url));
  told->set_to_uri(UriText(sip.sip_to->a_url));
  told->set_request_uri(UriText(sip.sip_request->rq_url));
  told->set_remote_address(FormatAddress(*message.address));
  told->set_transport(message.transport);
  if (!leg.ending()) told->set_state(v1::CALL_STATE_RINGING);
  Tell();
  Journal();
}

void Call::OnCalleeHeard(const CalleeLeg& leg) {
  if (&leg == callee_.get()) hunt_->OnHeard();
}

void Call::OnCalleeStatus(const CalleeLeg& leg, const sip_t& sip) {
  if (&leg != callee_.get()) return;
  v1::Leg* told = change_.mutable_callee();
  told->set_last_status_code(sip.sip_status->st_status);
  const char* agent = sip.sip_user_agent != nullptr ? sip.sip_user_agent->g_string
                      : sip.sip_server != nullptr   ? sip.sip_server->g_string
                                                    : nullptr;
  if (agent != nullptr) told->set_user_agent(CleanText(agent));
  Tell();
}

void Call::OnCalleeProvisional(CalleeLeg& leg, const sip_t& sip) {
  if (&leg != callee_.get()) return;
  OnCalleeStatus(leg, sip);
  Provisional provisional{.status = sip.sip_status->st_status,
                          .phrase = sip.sip_status->st_phrase,
                          .content = PassOn(sip, PassedFor::kResponse)};
  DropRequire100rel(&provisional.content.headers);
  const char* tag = sip.sip_to->a_tag != nullptr ? sip.sip_to->a_tag : "";
  if (!provisional.content.body.empty()) {
    if (described_by_.empty()) described_by_ = tag;
    // The caller sees one dialog: a second description would answer its offer twice.
    if (described_by_ != tag) provisional.content = {};
  }
  if (sip.sip_rseq != nullptr) {
    if (caller_.takes_100rel()) {
      provisional.reliable = true;
      provisional.rack = RackOf(sip);
    } else {
      leg.Prack(RackOf(sip), {});
    }
  }
  caller_.Ring(std::move(provisional));
}

void Call::OnCalleeAnswered(CalleeLeg& leg, const sip_t& sip) {
  if (&leg != callee_.get()) return;
  MoveLegTo(leg, v1::CALL_STATE_ANSWERED);
  Tell();
  leg.HoldAck();
  LearnSessionTimer(sip);
  const int status = sip.sip_status->st_status;
  const std::string phrase = sip.sip_status->st_phrase;
  const PassedMessage content = PassOn(sip, PassedFor::kResponse);
  // Neither side is told of the dialog before the journal knows it.
  JournalAnswer(status, phrase, content, [this, status, phrase, content] {
    if (callee_) callee_->OnAnswerPassed();
    caller_.Answer(status, phrase, content);
    if (caller_.had_offer() && callee_ && callee_->holds_ack()) callee_->Ack({});
  });
}

void Call::OnCalleeFailed(CalleeLeg& leg, const NuaEvent& event) {
  if (&leg != callee_.get()) return;
  const bool by_stack = event.MadeByStack();
  const auto failover = FailoverFor(event.status, by_stack);
  if (failover && hunt_->has_more()) {
    SetAside();
    hunt_->Next(*failover);
    return;
  }
  const int status = StatusForCaller(event.status, by_stack);
  const std::string reason = by_stack ? "" : ReasonText(*event.sip);
  MoveLegTo(leg, v1::CALL_STATE_TERMINATED);
  if (!reason.empty()) {
    v1::Header* told = change_.mutable_callee()->add_headers();
    told->set_name("Reason");
    told->set_value(reason);
  }
  Tell();
  Refusal refusal{.status = status,
                  .by = status == 480 && by_stack ? v1::ENDED_BY_TIMEOUT : v1::ENDED_BY_CALLEE};
  if (status != event.status || by_stack) {
    refusal.phrase = policy::StandardPhrase(status);
  } else {
    refusal.phrase = event.sip->sip_status->st_phrase;
    refusal.content = PassOn(*event.sip, PassedFor::kResponse);
    refusal.contacts = RedirectContacts(*event.sip);
  }
  Fail(by_stack ? status : event.status, reason, std::move(refusal));
}

void Call::Fail(int status, const std::string& reason, Refusal refusal) {
  const auto refuse = [this](const Refusal& to_caller) {
    caller_.Refuse(to_caller.status, to_caller.phrase, to_caller.content, to_caller.contacts, to_caller.by);
  };
  if (context_.events.OnFarEndFailure(name_, status, reason) == Verdict::kGoOn) return refuse(refusal);
  far_end_ended_by_ = refusal.by;
  Hold([this, refuse, refusal = std::move(refusal)] {
    if (ended_by_ == v1::ENDED_BY_UNSPECIFIED) ended_by_ = refusal.by;
    refuse(refusal);
    MoveLegTo(caller_, v1::CALL_STATE_TERMINATING);
    MoveTo(v1::CALL_STATE_TERMINATING);
    Tell();
  });
}

}  // namespace adieu::sip
