#include <utility>

#include "server/base/clock.h"
#include "server/sip/call.h"

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_header.h>

// What the journal is told of a call.
namespace adieu::sip {
namespace {

using Clock = std::chrono::system_clock;

}  // namespace

journal::v1::Dialogs Call::Dialogs() {
  journal::v1::Dialogs dialogs = common_;
  *dialogs.mutable_caller() = caller_.Dialog();
  caller_.OnJournaled();
  if (callee_) {
    *dialogs.mutable_callee() = callee_->Dialog();
    callee_->OnJournaled();
  }
  return dialogs;
}

void Call::Journal() {
  if (journal_.on()) journal_.Write(Dialogs());
}

void Call::JournalAnswer(int status, const std::string& phrase, const PassedMessage& content,
                         std::function<void()> go_on) {
  if (!journal_.on()) return go_on();
  journal::v1::Answer* answer = common_.mutable_answer();
  *answer->mutable_time() = base::ToTimestamp(Clock::now());
  answer->set_status_code(status);
  answer->set_reason_phrase(phrase);
  answer->set_headers(content.headers);
  answer->set_body(content.body);
  if (caller_.ending()) {
    common_.set_ending(true);
    common_.set_bye_reason(caller_.bye_reason());
  }
  journal_.WriteThen(Dialogs(), std::move(go_on));
}

void Call::OnDialogChanged() {
  if (!common_.has_answer() || state_ == v1::CALL_STATE_TERMINATED) return;
  if (caller_.acknowledged()) {
    common_.mutable_answer()->clear_headers();
    common_.mutable_answer()->clear_body();
  }
  Journal();
}

bool Call::LearnSessionTimer(const sip_t& response) {
  if (response.sip_status == nullptr || response.sip_status->st_status / 100 != 2) return false;
  const sip_method_t method = response.sip_cseq->cs_method;
  if (method != sip_method_invite && method != sip_method_update) return false;
  const sip_session_expires_t* expires = response.sip_session_expires;
  const uint32_t before = common_.session_expires();
  common_.set_session_expires(expires != nullptr ? static_cast<uint32_t>(expires->x_delta) : 0);
  *common_.mutable_refresh_time() = base::ToTimestamp(Clock::now());
  return before != 0 || expires != nullptr;
}

void Call::OnByeNext(Leg& leg, const std::string& reason) {
  relay_.Refuse(leg);
  if (common_.ending() || !common_.has_answer()) return;
  common_.set_ending(true);
  common_.set_bye_reason(reason);
  OnDialogChanged();
}

}  // namespace adieu::sip
