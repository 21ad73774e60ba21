#include "server/sip/in_dialog_relay.h"

#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>

#include <algorithm>
#include <utility>

#include "server/policy/standard_phrase.h"
#include "server/sip/in_dialog_status.h"
#include "server/sip/pass_on.h"
#include "server/sip/payload.h"

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_header.h>

namespace adieu::sip {
namespace {

sip_method_t MethodAsked(nua_event_t event) {
  switch (event) {
    case nua_r_invite:
      return sip_method_invite;
    case nua_r_update:
      return sip_method_update;
    case nua_r_info:
      return sip_method_info;
    default:
      return sip_method_unknown;
  }
}

void Send(nua_handle_t* handle, const sip_t& request) {
  const PassedMessage passed = PassOn(request, PassedFor::kInDialogRequest);
  const Payload payload(passed.body);
  const auto send = [&](auto function, const char* method) {
    function(handle, TAG_IF(method != nullptr, NUTAG_METHOD(method)),
             TAG_IF(!passed.headers.empty(), SIPTAG_HEADER_STR(passed.headers.c_str())),
             TAG_IF(!passed.body.empty(), SIPTAG_PAYLOAD(payload.get())), TAG_END());
  };
  switch (request.sip_request->rq_method) {
    case sip_method_invite:
      return send(nua_invite, nullptr);
    case sip_method_update:
      return send(nua_update, nullptr);
    case sip_method_info:
      return send(nua_info, nullptr);
    default:
      return send(nua_method, request.sip_request->rq_method_name);
  }
}

}  // namespace

InDialogRelay::~InDialogRelay() {
  for (const Pending& pending : pending_) {
    if (pending.request != nullptr) msg_destroy(pending.request);
  }
}

void InDialogRelay::Refuse(Leg& from) {
  for (Pending& pending : pending_) {
    if (pending.from != &from || pending.request == nullptr) continue;
    if (from.handle() != nullptr) {
      nua_respond(from.handle(), SIP_487_REQUEST_TERMINATED, NUTAG_WITH(pending.request), TAG_END());
    }
    msg_destroy(std::exchange(pending.request, nullptr));
  }
}

bool InDialogRelay::Pass(Leg& from, Leg& to, const NuaEvent& event) {
  const sip_method_t method = event.sip->sip_request->rq_method;
  const bool busy = std::any_of(pending_.begin(), pending_.end(), [&](const Pending& pending) {
    return pending.from == &from && pending.method == method;
  });
  if (busy) return false;
  pending_.push_back({.from = &from,
                      .method = method,
                      .had_offer = event.sip->sip_payload != nullptr,
                      .request = msg_ref(nua_current_request(event.nua))});
  Send(to.handle(), *event.sip);
  return true;
}

void InDialogRelay::PassAnswered(Leg& to, const NuaEvent& event) { Send(to.handle(), *event.sip); }

bool InDialogRelay::ReinvitePending(const Leg& from) const {
  return std::any_of(pending_.begin(), pending_.end(), [&from](const Pending& pending) {
    return pending.from == &from && pending.method == sip_method_invite;
  });
}

sip_method_t InDialogRelay::PassBack(Leg& at, Leg& back, const NuaEvent& event) {
  if (event.status < 200) return sip_method_unknown;
  sip_method_t method = MethodAsked(event.event);
  if (method == sip_method_unknown && event.sip != nullptr && event.sip->sip_cseq != nullptr) {
    method = event.sip->sip_cseq->cs_method;
  }
  const auto found = std::find_if(pending_.begin(), pending_.end(), [&](const Pending& pending) {
    return pending.from == &back && (pending.method == method || method == sip_method_unknown);
  });
  if (found == pending_.end()) return sip_method_unknown;
  const Pending pending = *found;
  pending_.erase(found);
  const bool by_stack = event.MadeByStack();
  const int status = PassedStatus(by_stack && event.status >= 700 ? 500 : event.status, pending.method);
  if (pending.method == sip_method_invite && event.status < 300) {
    // With its offer in the request the answer is here; else it comes with the other side's ACK.
    at.HoldAck();
    if (pending.had_offer) at.Ack({});
  }
  if (pending.request == nullptr) return pending.method;
  PassedMessage passed;
  const bool as_it_is = !by_stack && status == event.status;
  if (as_it_is) passed = PassOn(*event.sip, PassedFor::kInDialogResponse);
  const Payload payload(passed.body);
  const char* phrase =
      back.Keep(status, as_it_is ? event.sip->sip_status->st_phrase : policy::StandardPhrase(status));
  if (back.handle() != nullptr) {
    nua_respond(back.handle(), status, phrase, NUTAG_WITH(pending.request),
                TAG_IF(!passed.headers.empty(), SIPTAG_HEADER_STR(passed.headers.c_str())),
                TAG_IF(!passed.body.empty(), SIPTAG_PAYLOAD(payload.get())), TAG_END());
  }
  msg_destroy(pending.request);
  return pending.method;
}

}  // namespace adieu::sip
