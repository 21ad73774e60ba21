#include "server/sip/replay.h"

#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_tag.h>

#include <utility>

#include "server/sip/callee_leg.h"
#include "server/sip/dialog_record.h"
#include "server/sip/header_text.h"
#include "server/sip/next_hop.h"
#include "server/sip/replay_message.h"
#include "server/sip/wire_tap.h"

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_header.h>

namespace adieu::sip {
namespace {

// Of the first request to a caller who got none from the process before: what the stack chooses by itself is
// lower, whenever it was started.
constexpr uint32_t kFirstCseq = 1U << 30;

template <typename Header>
std::string Encoded(const Header* header) {
  return EncodedValue(*reinterpret_cast<const sip_header_t*>(header));
}

}  // namespace

Replay::Replay(Kind kind, const journal::v1::Dialog& dialog, const Listener& listener)
    : kind_(kind),
      dialog_(dialog),
      listener_(listener),
      key_(dialog.call_id() + '\n' +
           TagIn(kind == Kind::kUnansweredCaller ? dialog.remote() : dialog.local())) {}

Replay::~Replay() {
  if (handle_ == nullptr) return;
  Bind(handle_, nullptr);
  nua_handle_destroy(handle_);
}

void Replay::Begin() {
  if (!ours()) {
    if (!Deliver(listener_.tport(), InviteOf(dialog_), dialog_.peer_address())) state_ = State::kFailed;
    return;
  }
  const std::string contact = listener_.ContactOver(dialog_.transport());
  // The stack counts on from here.
  const std::string cseq = std::to_string(FirstCseq(dialog_) - 1) + " INVITE";
  const std::string uri = dialog_.request_uri().empty() ? UriIn(dialog_.contact()) : dialog_.request_uri();
  handle_ = nua_handle(listener_.nua(), nullptr, SIPTAG_FROM_STR(dialog_.local().c_str()),
                       SIPTAG_TO_STR(dialog_.remote().c_str()), SIPTAG_CALL_ID_STR(dialog_.call_id().c_str()),
                       TAG_IF(!contact.empty(), SIPTAG_CONTACT_STR(contact.c_str())), TAG_END());
  Bind(handle_, this);
  nua_invite(handle_, NUTAG_URL(uri.c_str()), SIPTAG_CSEQ_STR(cseq.c_str()),
             SIPTAG_ALLOW_STR(CalleeLeg::kAllow), NUTAG_APPL_METHOD("PRACK"), TAG_END());
}

uint32_t Replay::FirstCseq(const journal::v1::Dialog& dialog) {
  // A dialog that began with an INVITE of ours begins with it again: a 2xx that the peer repeats finds it.
  if (!dialog.next_hop().empty()) return dialog.invite_cseq();
  return dialog.local_cseq() == 0 ? kFirstCseq : dialog.local_cseq() + DialogRecord::kCseqMargin;
}

bool Replay::Sends(const sip_t& sip) {
  if (sip.sip_status != nullptr) {
    // The stack's own 100.
    return ours() || sip.sip_status->st_status != 100;
  }
  if (!ours()) return true;
  const sip_method_t method = sip.sip_request->rq_method;
  if (method == sip_method_invite) {
    if (state_ == State::kBegun) {
      sent_via_ = Encoded(sip.sip_via);
      sent_cseq_ = Encoded(sip.sip_cseq);
      state_ = State::kInvited;
    }
    return false;
  }
  if (method == sip_method_ack && state_ == State::kAnswered) state_ = State::kDone;
  return kind_ == Kind::kAnsweredNoAck;
}

void Replay::Answer() {
  if (state_ != State::kInvited) return;
  state_ = State::kAnswered;
  const int status = kind_ == Kind::kRingingCallee ? 180 : 200;
  const std::string response = ResponseOf(dialog_, status, sent_via_, sent_cseq_, dialog_.next_hop().empty());
  if (!Deliver(listener_.tport(), response, dialog_.peer_address())) state_ = State::kFailed;
}

void Replay::TakeInvite(nua_handle_t* handle) {
  handle_ = handle;
  Bind(handle_, this);
  state_ = State::kDone;
}

void Replay::OnNua(const NuaEvent& event) {
  if (event.event == nua_i_terminated || (event.event == nua_r_invite && event.status >= 300)) {
    state_ = State::kFailed;
  } else if (event.event == nua_r_invite && state_ == State::kAnswered) {
    if (event.status >= 200 && kind_ != Kind::kAnsweredAckHeld) {
      nua_ack(handle_, TAG_END());
    } else {
      state_ = State::kDone;
    }
  }
}

nua_handle_t* Replay::Take() { return std::exchange(handle_, nullptr); }

std::string Replay::BranchOf(const sip_t& request) const {
  const bool first = request.sip_request->rq_method == sip_method_invite && !dialog_.next_hop().empty();
  return first ? BranchIn(dialog_.via()) : "";
}

std::string Replay::NextHop(const sip_t& request) const {
  if (request.sip_request->rq_method != sip_method_invite) {
    return HopToPeer(request, dialog_.peer_address(), dialog_.transport());
  }
  if (!dialog_.next_hop().empty()) return dialog_.next_hop();
  return "sip:" + dialog_.peer_address() + ";transport=" + dialog_.transport();
}

std::string Replay::LocalTag() const { return TagIn(dialog_.local()); }

}  // namespace adieu::sip
