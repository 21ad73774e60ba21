#include "server/sip/switchboard.h"

#include <sofia-sip/nta.h>
#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "server/base/clock.h"
#include "server/base/id.h"
#include "server/base/log.h"
#include "server/sip/clean_text.h"
#include "server/sip/loop_tuning.h"
#include "server/sip/message_text.h"
#include "server/sip/parser_guards.h"
#include "server/sip/self_test.h"
#include "server/sip/socket_probe.h"

namespace adieu::sip {
namespace {

// The stack's own bound on INVITEs lies above ours, so that ours answers.
constexpr size_t kProceedingReserve = 1000;

// Seconds.
constexpr char kRetryWhenFull[] = "10";
constexpr char kRetryWhenDraining[] = "5";

// Half of what was asked for: below that, bursts are lost.
constexpr int64_t kReceiveBufferWanted = 2 << 20;

base::Error StartFailed(const std::string& why) {
  return base::Error{.code = absl::StatusCode::kInternal, .reason = "SIP_START_FAILED", .message = why};
}

}  // namespace

Switchboard::Switchboard(su_root_t* root, const AgentOptions& options, CallEvents& events,
                         metrics::Metrics& metrics)
    : root_(root),
      options_(options),
      events_(events),
      metrics_(metrics),
      timers_(root),
      context_{.events = events,
               .timers = timers_,
               .metrics = metrics,
               .ringing = 0,
               .hasten_byes = false,
               .drop = [this](const std::string& call) { Drop(call); }} {
  SetWireListener(this);
}

Switchboard::~Switchboard() { SetWireListener(nullptr); }

std::optional<base::Error> Switchboard::Open() {
  if (const auto missing = MissingParserGuard()) return StartFailed("parser guard not in place: " + *missing);
  const size_t most =
      std::min<size_t>(options_.max_ringing + kProceedingReserve, std::numeric_limits<int>::max());
  for (const ListenAddress& address : options_.listeners) {
    auto opened = Listener::Open(root_, address, static_cast<int>(most), &Switchboard::OnNuaEvent,
                                 reinterpret_cast<nua_magic_t*>(this));
    if (!opened.ok()) return opened.error();
    listeners_.push_back(std::move(*opened));
  }
  proving_ = true;
  for (const auto& listener : listeners_) {
    const uint64_t received = proved_received_;
    const uint64_t sent = proved_sent_;
    const auto seen = [&] { return proved_received_ > received && proved_sent_ > sent; };
    if (const auto why = ProveTap(root_, listener->address(), seen)) return StartFailed(*why);
  }
  proving_ = false;
  if (!LoopIsTuned()) return StartFailed("loop tuning not in place");
  for (const auto& listener : listeners_) {
    const ListenAddress& address = listener->address();
    if (!address.udp) continue;
    const int64_t bytes = UdpReceiveBuffer(address.host, address.port);
    metrics_.SetSipReceiveBuffer(address.name, bytes);
    if (bytes < kReceiveBufferWanted) {
      base::LogWarn(
          "small receive buffer",
          {{"listener", address.name}, {"bytes", bytes}, {"remedy", "raise net.core.rmem_max to 4194304"}});
    }
  }
  return std::nullopt;
}

std::vector<ListenAddress> Switchboard::addresses() const {
  std::vector<ListenAddress> addresses;
  for (const auto& listener : listeners_) addresses.push_back(listener->address());
  return addresses;
}

void Switchboard::OnNuaEvent(nua_event_t event, int status, char const*, nua_t* nua, nua_magic_t* self,
                             nua_handle_t* handle, nua_hmagic_t* call, sip_t const* sip, tagi_t[]) {
  reinterpret_cast<Switchboard*>(self)->Dispatch(event, status, nua, handle,
                                                 reinterpret_cast<ParkedCall*>(call), sip);
}

void Switchboard::Dispatch(nua_event_t event, int status, nua_t* nua, nua_handle_t* handle, ParkedCall* call,
                           const sip_t* sip) {
  switch (event) {
    case nua_i_invite:
      if (call == nullptr && status < 200 && sip != nullptr) {
        OnInvite(nua, handle, *sip);
      } else if (call != nullptr && status < 200 && sip != nullptr) {
        AnswerInDialog(event, nua, handle, call, *sip);
      }
      return;
    case nua_i_info:
    case nua_i_update:
    case nua_i_options:
    case nua_i_message:
      if (status < 200 && sip != nullptr) AnswerInDialog(event, nua, handle, call, *sip);
      return;
    case nua_i_ack:
      if (call != nullptr) call->OnAck();
      return;
    case nua_i_bye:
      if (call != nullptr) call->OnByeFromCaller();
      return;
    case nua_r_bye:
      if (call != nullptr) call->OnByeAnswered(status, sip == nullptr || nta_sip_is_internal(sip));
      return;
    case nua_i_error:
      if (call != nullptr && status == 408) call->OnAckTimeout();
      return;
    case nua_i_terminated:
      if (call != nullptr) {
        call->OnHandleOver();
      } else if (handle != nullptr) {
        nua_handle_destroy(handle);
      }
      return;
    case nua_r_shutdown:
      if (status < 200) return;
      for (const auto& listener : listeners_) {
        if (listener->nua() == nua) listener->OnClosed();
      }
      return;
    default:
      return;
  }
}

void Switchboard::OnInvite(nua_t* nua, nua_handle_t* handle, const sip_t& sip) {
  if (sip.sip_contact == nullptr || sip.sip_call_id == nullptr || sip.sip_cseq == nullptr) {
    metrics_.SipRejected(metrics::RejectReason::kBadContact);
    nua_respond(handle, 400, "Missing Contact", TAG_END());
  } else if (!intake_open_) {
    RefuseForNow(handle, metrics::RejectReason::kDraining, kRetryWhenDraining);
  } else if (context_.ringing >= options_.max_ringing) {
    RefuseForNow(handle, metrics::RejectReason::kMaxRinging, kRetryWhenFull);
  } else {
    Park(nua, handle, sip);
  }
}

void Switchboard::RefuseForNow(nua_handle_t* handle, metrics::RejectReason reason, const char* retry_after) {
  metrics_.SipRejected(reason);
  nua_respond(handle, SIP_503_SERVICE_UNAVAILABLE, SIPTAG_RETRY_AFTER_STR(retry_after), TAG_END());
}

void Switchboard::Park(nua_t* nua, nua_handle_t* handle, const sip_t& sip) {
  CallSeed seed{.dialog_key = DialogKey(sip, true), .branch = BranchOf(sip), .cseq = sip.sip_cseq->cs_seq};
  v1::Call& call = seed.call;
  call.set_name("calls/" + base::NewId());
  call.set_instance(options_.instance);
  *call.mutable_create_time() = base::ToTimestamp(std::chrono::system_clock::now());
  v1::Leg* leg = call.mutable_caller();
  leg->set_sip_call_id(CleanText(sip.sip_call_id->i_id));
  leg->set_from_uri(UriText(sip.sip_from->a_url));
  leg->set_to_uri(UriText(sip.sip_to->a_url));
  leg->set_request_uri(UriText(sip.sip_request->rq_url));
  if (sip.sip_user_agent != nullptr) leg->set_user_agent(CleanText(sip.sip_user_agent->g_string));
  CopyHeaders(sip, leg);
  auto early = early_invites_.Take(seed.dialog_key + "\n" + seed.branch);
  if (early) {
    leg->set_remote_address(early->remote_address);
    leg->set_transport(early->transport);
  }
  seed.ring_timeout = options_.router.Route(&call);
  if (sip.sip_payload != nullptr) seed.offer.assign(sip.sip_payload->pl_data, sip.sip_payload->pl_len);
  seed.media_host = ListenerOf(nua)->media_host();
  auto parked = std::make_unique<ParkedCall>(context_, handle, std::move(seed));
  ParkedCall& added = calls_.Add(std::move(parked));
  nua_handle_bind(handle, reinterpret_cast<nua_hmagic_t*>(&added));
  added.Begin(early ? std::move(early->messages) : std::vector<v1::SipMessage>());
}

void Switchboard::AnswerInDialog(nua_event_t event, nua_t* nua, nua_handle_t* handle, ParkedCall* call,
                                 const sip_t& sip) {
  // Nobody is there to take a new session, a message or news; none of these answers ends a leg (RFC 5057).
  int status = 488;
  const char* phrase = sip_488_Not_acceptable;
  if (event == nua_i_options && !intake_open_) {
    status = 503;
    phrase = sip_503_Service_unavailable;
  } else if (event == nua_i_options || (event == nua_i_info && call != nullptr)) {
    status = 200;
    phrase = sip_200_OK;
  } else if (call == nullptr && (event == nua_i_info || sip.sip_to->a_tag != nullptr)) {
    // RFC 3261 12.2.2, RFC 6086 4.2.1.
    status = 481;
    phrase = sip_481_No_transaction;
  } else if (call == nullptr) {
    status = 480;
    phrase = sip_480_Temporarily_unavailable;
  }
  nua_respond(handle, status, phrase, NUTAG_WITH_THIS(nua), TAG_END());
  if (call == nullptr && event != nua_i_invite) nua_handle_destroy(handle);
}

const Listener* Switchboard::ListenerOf(const nua_t* nua) const {
  const auto found = std::find_if(listeners_.begin(), listeners_.end(),
                                  [nua](const auto& listener) { return listener->nua() == nua; });
  return found->get();
}

void Switchboard::End(EndOrder order) {
  ParkedCall* call = calls_.Find(order.call);
  if (call != nullptr) {
    call->End(std::move(order));
    return;
  }
  v1::LegEnding nothing;
  nothing.set_side(v1::LEG_SIDE_CALLER);
  nothing.set_action(v1::LEG_ACTION_NONE);
  nothing.set_outcome(v1::LEG_OUTCOME_PEER_FIRST);
  *nothing.mutable_end_time() = base::ToTimestamp(std::chrono::system_clock::now());
  events_.OnLegEnding(order.termination, order.call, nothing);
}

void Switchboard::HastenByes() {
  if (std::exchange(context_.hasten_byes, true)) return;
  for (const auto& [name, call] : calls_.calls()) call->HastenBye();
}

void Switchboard::LetGoOfAll() {
  for (const auto& [name, call] : calls_.calls()) call->LetGo();
}

bool Switchboard::quiet() const {
  return std::none_of(calls_.calls().begin(), calls_.calls().end(),
                      [](const auto& entry) { return entry.second->has_handle(); });
}

void Switchboard::CloseListeners() {
  for (const auto& listener : listeners_) listener->Close();
}

bool Switchboard::closed() const {
  return std::all_of(listeners_.begin(), listeners_.end(),
                     [](const auto& listener) { return listener->closed(); });
}

// The stack keeps pointers into a call until it has carried out the destruction of its handle, which waits in
// the root's queue: the call is dropped by a message of its own behind it.
void Switchboard::Drop(const std::string& call) {
  to_drop_.push_back(call);
  su_msg_r message = SU_MSG_R_INIT;
  if (su_msg_new(message, sizeof(Switchboard*)) != 0) return;
  *reinterpret_cast<Switchboard**>(su_msg_data(message)) = this;
  su_msg_send_to(message, su_root_task(root_), &Switchboard::OnDrop);
}

void Switchboard::OnDrop(su_root_magic_t*, su_msg_r, su_msg_arg_t* self) {
  Switchboard* const switchboard = *reinterpret_cast<Switchboard**>(self);
  switchboard->calls_.Remove(switchboard->to_drop_.front());
  switchboard->to_drop_.pop_front();
}

}  // namespace adieu::sip
