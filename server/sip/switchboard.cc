#include "server/sip/switchboard.h"

#include <sofia-sip/nta.h>
#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_alloc.h>
#include <sofia-sip/tport.h>
#include <sofia-sip/url.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "server/base/address.h"
#include "server/base/clock.h"
#include "server/base/id.h"
#include "server/base/log.h"
#include "server/sip/clean_text.h"
#include "server/sip/dialog_life.h"
#include "server/sip/ending_report.h"
#include "server/sip/loop_tuning.h"
#include "server/sip/message_text.h"
#include "server/sip/parser_guards.h"
#include "server/sip/pass_on.h"
#include "server/sip/replaces.h"
#include "server/sip/self_test.h"

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_header.h>

namespace adieu::sip {
namespace {

// The stack's own bound on INVITEs lies above ours, so that ours answers.
constexpr size_t kProceedingReserve = 1000;

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
      secret_(base::NewId()),
      timers_(root),
      resolver_(root),
      journal_(options.journal ? std::make_shared<JournalInbox>(
                                     root, [this](const JournalInbox::Answer& answer) { OnStored(answer); })
                               : nullptr),
      context_{.events = events,
               .timers = timers_,
               .metrics = metrics,
               .resolver = resolver_,
               .ringing = 0,
               .hasten_byes = false,
               .drop = [this](const std::string& call) { Drop(call); },
               .add_leg = [this](Leg& leg) { calls_.AddLeg(leg); },
               .remove_leg = [this](const Leg& leg) { calls_.RemoveLeg(leg); },
               .journal = journal_,
               .listener_for = [this](const Endpoint& endpoint,
                                      nua_t* came_by) { return ListenerFor(endpoint, came_by); }},
      entrance_(options, timers_, metrics),
      connections_(timers_, metrics) {
  SetWireListener(this);
  SetNextHops(this);
  SetLocalTags(this);
}

Switchboard::~Switchboard() {
  DropKept();
  if (journal_) journal_->Close();
  SetLocalTags(nullptr);
  SetNextHops(nullptr);
  SetWireListener(nullptr);
}

std::optional<base::Error> Switchboard::Open() {
  if (const auto missing = MissingParserGuard()) return StartFailed("parser guard not in place: " + *missing);
  metrics_.SetRingingLimit(options_.max_ringing);
  const size_t most =
      std::min<size_t>(options_.max_ringing + kProceedingReserve, std::numeric_limits<int>::max());
  for (size_t i = 0; i < options_.listeners.size(); ++i) {
    auto opened = Listener::Open(root_, options_.listeners[i], options_.identities[i], static_cast<int>(most),
                                 &Switchboard::OnNuaEvent, reinterpret_cast<nua_magic_t*>(this));
    if (!opened.ok()) return opened.error();
    listeners_.push_back(std::move(*opened));
  }
  proving_ = true;
  for (const auto& listener : listeners_) {
    const uint64_t received = proved_received_;
    const uint64_t sent = proved_sent_;
    const auto seen = [&] { return proved_received_ > received && proved_sent_ > sent; };
    if (const auto why = ProveTap(root_, listener->address(), seen)) return StartFailed(*why);
    listener->SetTport(tport_parent(proved_on_));
  }
  proving_ = false;
  if (!LoopIsTuned()) return StartFailed("loop tuning not in place");
  if (!NextHopsAreAsked()) return StartFailed("next hops not in place");
  if (!LocalTagsAreAsked()) return StartFailed("local tags not in place");
  if (!DialogsAreOurs()) return StartFailed("dialog life not in place");
  for (const auto& listener : listeners_) entrance_.Guard(listener->address());
  return std::nullopt;
}

std::vector<ListenAddress> Switchboard::addresses() const {
  std::vector<ListenAddress> addresses;
  for (const auto& listener : listeners_) addresses.push_back(listener->address());
  return addresses;
}

void Switchboard::OnNuaEvent(nua_event_t event, int status, char const*, nua_t* nua, nua_magic_t* self,
                             nua_handle_t* handle, nua_hmagic_t* owner, sip_t const* sip, tagi_t[]) {
  const NuaEvent told{.event = event, .status = status, .nua = nua, .sip = sip};
  if (owner != nullptr) {
    reinterpret_cast<HandleOwner*>(owner)->OnNua(told);
  } else {
    reinterpret_cast<Switchboard*>(self)->OnStranger(told, handle);
  }
}

void Switchboard::OnStranger(const NuaEvent& event, nua_handle_t* handle) {
  switch (event.event) {
    case nua_i_invite:
      if (event.status >= 200 || event.sip == nullptr) return;
      if (Replay* replay = ReplayOf(*event.sip)) return replay->TakeInvite(handle);
      OnInvite(event.nua, handle, *event.sip);
      return;
    case nua_i_info:
    case nua_i_update:
    case nua_i_options:
    case nua_i_message:
    case nua_i_notify:
    case nua_i_refer:
    case nua_i_prack:
      if (event.status < 200 && event.sip != nullptr) AnswerStranger(event, handle);
      return;
    case nua_i_terminated:
      if (handle != nullptr) nua_handle_destroy(handle);
      return;
    case nua_r_shutdown:
      if (event.status < 200) return;
      for (const auto& listener : listeners_) {
        if (listener->nua() == event.nua) listener->OnClosed();
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
    return;
  }
  const EarlyInvites::Invite* early = early_invites_.Find(DialogKey(sip, true) + "\n" + BranchOf(sip));
  const auto refused = early != nullptr && early->refused ? early->refused : Closed();
  if (refused) {
    RefuseForNow(handle, sip, *refused);
  } else {
    Take(nua, handle, sip);
  }
}

std::optional<metrics::RejectReason> Switchboard::Closed() const {
  if (!intake_open_) return metrics::RejectReason::kDraining;
  if (context_.ringing >= options_.max_ringing) return metrics::RejectReason::kMaxRinging;
  return std::nullopt;
}

void Switchboard::Take(nua_t* nua, nua_handle_t* handle, const sip_t& sip) {
  CallSeed seed{.caller = {.dialog_key = DialogKey(sip, true),
                           .branch = BranchOf(sip),
                           .cseq = sip.sip_cseq->cs_seq,
                           .supports_100rel = sip_has_feature(sip.sip_supported, "100rel") != 0,
                           .requires_100rel = sip_has_feature(sip.sip_require, "100rel") != 0,
                           .media_host = ListenerOf(nua)->media_host(),
                           .contact = ListenerOf(nua)->ContactFor(sip)}};
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
  auto early = early_invites_.Take(seed.caller.dialog_key + "\n" + seed.caller.branch);
  if (early) {
    leg->set_remote_address(early->remote_address);
    leg->set_transport(early->transport);
  }
  const RouteTaken route = options_.router.Route(&call);
  seed.ring_timeout = route.ring_timeout;
  if (route.forward != nullptr) {
    HopCheck hops;
    if (!MayGoOn(handle, sip, &hops)) return;
    seed.forward = SeedOfForward(*route.forward, nua, sip, hops);
  }
  if (journal_) {
    seed.caller.dialog = DialogRecord::OfCaller(sip, early ? early->local_tag : "");
    seed.caller.dialog.set_listener(ListenerOf(nua)->address().name);
    seed.caller.dialog.set_peer_address(leg->remote_address());
    seed.caller.dialog.set_transport(leg->transport());
  }
  if (sip.sip_payload != nullptr) seed.caller.offer.assign(sip.sip_payload->pl_data, sip.sip_payload->pl_len);
  Call& added = calls_.Add(std::make_unique<Call>(context_, handle, std::move(seed)));
  Bind(handle, &added.caller());
  added.Begin(early ? std::move(early->messages) : std::vector<v1::SipMessage>());
}

bool Switchboard::MayGoOn(nua_handle_t* handle, const sip_t& sip, HopCheck* hops) {
  *hops = CheckHops(sip, secret_);
  switch (hops->verdict) {
    case HopCheck::Verdict::kPass:
      return true;
    case HopCheck::Verdict::kTooManyHops:
      metrics_.SipRejected(metrics::RejectReason::kTooManyHops);
      nua_respond(handle, SIP_483_TOO_MANY_HOPS, TAG_END());
      return false;
    case HopCheck::Verdict::kLoop:
      metrics_.SipRejected(metrics::RejectReason::kLoop);
      nua_respond(handle, SIP_482_LOOP_DETECTED, TAG_END());
      return false;
  }
  return false;
}

ForwardSeed Switchboard::SeedOfForward(const ForwardPlan& plan, nua_t* nua, const sip_t& sip,
                                       const HopCheck& hops) const {
  su_home_t home[1] = {SU_HOME_INIT(home)};
  su_home_init(home);
  const url_t* uri = sip.sip_request->rq_url;
  const char* text = url_as_string(home, uri);
  ForwardSeed seed{.plan = &plan,
                   .came_by = nua,
                   .from = WithoutTag(*sip.sip_from),
                   .to = WithoutTag(*sip.sip_to),
                   .request_uri = text != nullptr ? text : "",
                   .user = uri->url_user != nullptr ? uri->url_user : "",
                   .max_forwards = hops.max_forwards,
                   .content = PassOn(sip, PassedFor::kInvite)};
  su_home_deinit(home);
  seed.content.headers += hops.header;
  std::vector<nua_t*> stacks;
  for (const auto& listener : listeners_) stacks.push_back(listener->nua());
  if (const std::string replaces = ReplacesFor(sip, stacks); !replaces.empty()) {
    seed.content.headers += "Replaces: " + replaces + "\r\n";
  }
  return seed;
}

void Switchboard::RefuseForNow(nua_handle_t* handle, const sip_t& sip, metrics::RejectReason reason) {
  metrics_.SipRejected(reason);
  const NoEntry answer = entrance_.AnswerTo(sip, reason);
  nua_respond(handle, answer.status, answer.phrase,
              TAG_IF(answer.contact.empty(), SIPTAG_RETRY_AFTER_STR(answer.retry_after)),
              TAG_IF(!answer.contact.empty(), SIPTAG_CONTACT_STR(answer.contact.c_str())), TAG_END());
}

void Switchboard::AnswerStranger(const NuaEvent& event, nua_handle_t* handle) {
  // RFC 3261 12.2.2, RFC 6086 4.2.1.
  int status = 481;
  const char* phrase = sip_481_No_transaction;
  if (event.event == nua_i_options) {
    status = intake_open_ ? 200 : 503;
    phrase = intake_open_ ? sip_200_OK : sip_503_Service_unavailable;
  } else if (event.event != nua_i_info && event.sip->sip_to->a_tag == nullptr) {
    status = 480;
    phrase = sip_480_Temporarily_unavailable;
  }
  nua_respond(handle, status, phrase, NUTAG_WITH_THIS(event.nua), TAG_END());
  nua_handle_destroy(handle);
}

const Listener* Switchboard::ListenerOf(const nua_t* nua) const {
  const auto found = std::find_if(listeners_.begin(), listeners_.end(),
                                  [nua](const auto& listener) { return listener->nua() == nua; });
  return found->get();
}

const Listener* Switchboard::ListenerFor(const Endpoint& endpoint, nua_t* came_by) const {
  const Listener* other = nullptr;
  for (const auto& listener : listeners_) {
    if (!listener->Reaches(endpoint.host, endpoint.transport)) continue;
    if (listener->nua() == came_by) return listener.get();
    if (other == nullptr) other = listener.get();
  }
  return other;
}

std::string Switchboard::NextHop(const sip_t& request) const {
  if (const Replay* replay = ReplayOf(request)) return replay->NextHop(request);
  const Leg* leg = LegOf(request, false);
  return leg != nullptr ? leg->NextHop(request) : "";
}

// The caller leg's dialogs begin with the peer's INVITE, the callee leg's with ours.
Leg* Switchboard::LegOf(const sip_t& sip, bool by_peer) const {
  const bool from_tag_is_the_peers = (sip.sip_request != nullptr) == by_peer;
  Leg* leg = calls_.FindLeg(DialogKey(sip, from_tag_is_the_peers));
  if (leg != nullptr && leg->side() == v1::LEG_SIDE_CALLER) return leg;
  leg = calls_.FindLeg(DialogKey(sip, !from_tag_is_the_peers));
  return leg != nullptr && leg->side() == v1::LEG_SIDE_CALLEE ? leg : nullptr;
}

void Switchboard::End(EndOrder order) {
  Call* call = calls_.Find(order.call);
  if (call != nullptr) {
    call->End(order);
    return;
  }
  // It was dropped after the order was given: only a peer ends a call that nobody else may end.
  const auto report = [&](v1::LegSide side) {
    EndingReport(events_, order.termination, order.call, side, v1::LEG_ACTION_NONE)
        .Settle(v1::LEG_OUTCOME_PEER_FIRST);
  };
  report(v1::LEG_SIDE_CALLER);
  if (order.has_callee) report(v1::LEG_SIDE_CALLEE);
}

void Switchboard::Release(const std::string& name) {
  if (Call* call = calls_.Find(name)) call->Release();
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
                      [](const auto& entry) { return entry.second->has_handles(); });
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
  su_msg_r message = SU_MSG_R_INIT;
  if (su_msg_new(message, sizeof(Switchboard*)) != 0) return;
  to_drop_.push_back(call);
  *reinterpret_cast<Switchboard**>(su_msg_data(message)) = this;
  su_msg_send_to(message, su_root_task(root_), &Switchboard::OnDrop);
}

void Switchboard::OnDrop(su_root_magic_t*, su_msg_r, su_msg_arg_t* self) {
  Switchboard* const switchboard = *reinterpret_cast<Switchboard**>(self);
  switchboard->calls_.Remove(switchboard->to_drop_.front());
  switchboard->to_drop_.pop_front();
}

}  // namespace adieu::sip
