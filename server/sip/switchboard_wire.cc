#include <sofia-sip/tport.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "server/sip/ladder_line.h"
#include "server/sip/message_text.h"
#include "server/sip/scanner.h"
#include "server/sip/switchboard.h"

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_header.h>

// What the wire tap tells a switchboard: it counts every message and brings it to its call.
namespace adieu::sip {
namespace {

metrics::SipMethod MethodOf(const sip_t& sip) {
  if (sip.sip_request != nullptr) return metrics::SipMethodOf(sip.sip_request->rq_method_name);
  return sip.sip_cseq != nullptr ? metrics::SipMethodOf(sip.sip_cseq->cs_method_name)
                                 : metrics::SipMethod::kOther;
}

metrics::RejectReason ReasonOf(const msg_error_t& error) {
  // A header that was given twice is in this list as itself: then it has no er_name.
  if (error.er_common->h_class != sip_error_class || error.er_name == nullptr) {
    return metrics::RejectReason::kMalformed;
  }
  const std::string_view header = error.er_name;
  if (header == "Contact") return metrics::RejectReason::kBadContact;
  if (header == "Record-Route") return metrics::RejectReason::kBadRecordRoute;
  return metrics::RejectReason::kMalformed;
}

bool HasDialogHeaders(const sip_t& sip) {
  return sip.sip_call_id != nullptr && sip.sip_from != nullptr && sip.sip_to != nullptr &&
         sip.sip_cseq != nullptr;
}

// As self_test.h: ProveTap sends it. A peer's is answered as well.
bool IsProbe(const sip_t& sip) {
  return sip.sip_request != nullptr && sip.sip_request->rq_method == sip_method_options &&
         sip.sip_to != nullptr && sip.sip_to->a_tag == nullptr;
}

bool IsAck(const sip_t& sip) {
  return sip.sip_request != nullptr && sip.sip_request->rq_method == sip_method_ack;
}

// The same for an INVITE and for the ACK of its refusal.
std::string InviteKey(const sip_t& sip) { return DialogKey(sip, true) + "\n" + BranchOf(sip); }

bool BeginsCall(const sip_t& sip) {
  return sip.sip_request != nullptr && sip.sip_request->rq_method == sip_method_invite &&
         sip.sip_to->a_tag == nullptr;
}

}  // namespace

bool Switchboard::Admits(const sockaddr_storage& source) {
  if (proving_ || options_.allow.Has(source)) return true;
  metrics_.SipRejected(metrics::RejectReason::kNotAllowed);
  return false;
}

void Switchboard::OnMalformed() { metrics_.SipRejected(metrics::RejectReason::kMalformed); }

void Switchboard::OnBroken(tport_s* connection) { connections_.OnBroken(connection); }

void Switchboard::OnConnected(tport_s* connection) {
  sockaddr_storage source{};
  const su_addrinfo_t* address = tport_get_address(connection);
  if (address != nullptr && address->ai_addr != nullptr) {
    std::memcpy(&source, address->ai_addr, std::min<size_t>(address->ai_addrlen, sizeof source));
  }
  std::string host = FormatAddress(source);
  host.resize(host.rfind(':'));
  connections_.OnConnected(connection, host, tport_has_tls(connection) != 0,
                           proving_ || options_.allow.Has(source));
}

void Switchboard::OnClosed(tport_s* connection) { connections_.OnClosed(connection); }

void Switchboard::Count(v1::Direction direction, const sip_t& sip, const Leg* leg) {
  v1::LegSide side = leg != nullptr ? leg->side() : v1::LEG_SIDE_UNSPECIFIED;
  const bool asked_by_peer = (direction == v1::DIRECTION_RECEIVED) == (sip.sip_request != nullptr);
  // An INVITE and what it gets before its call exists.
  if (leg == nullptr && asked_by_peer && MethodOf(sip) == metrics::SipMethod::kInvite)
    side = v1::LEG_SIDE_CALLER;
  if (sip.sip_request != nullptr) {
    metrics_.SipRequest(side, direction, MethodOf(sip));
  } else {
    metrics_.SipResponse(side, direction, MethodOf(sip), sip.sip_status->st_status);
  }
}

void Switchboard::Tell(v1::Direction direction, const WireMessage& message, Leg& leg) {
  if (message.sip->sip_request != nullptr) {
    leg.OnRequest(direction, message);
  } else {
    leg.OnResponse(direction, message);
  }
}

bool Switchboard::Sends(const sip_t& sip) {
  Replay* const replay = HasDialogHeaders(sip) ? ReplayOf(sip) : nullptr;
  return replay == nullptr || replay->Sends(sip);
}

Passage Switchboard::OnReceived(const WireMessage& message) {
  const sip_t& sip = *message.sip;
  if (closed_to_peers_ && (!proving_ || !IsProbe(sip))) return Passage::kKept;
  if (proving_) {
    ++proved_received_;
    proved_on_ = message.tport;
    return Passage::kOn;
  }
  connections_.OnMessage(message.tport);
  Leg* const leg = HasDialogHeaders(sip) ? LegOf(sip, true) : nullptr;
  Count(v1::DIRECTION_RECEIVED, sip, leg);
  if ((sip.sip_flags & MSG_FLG_TOOLARGE) != 0) metrics_.SipRejected(metrics::RejectReason::kTooLarge);
  if (sip.sip_error != nullptr) metrics_.SipRejected(ReasonOf(*sip.sip_error));
  if (leg == nullptr && sip.sip_request != nullptr && sip.sip_user_agent != nullptr &&
      IsScanner(sip.sip_user_agent->g_string)) {
    metrics_.SipRejected(metrics::RejectReason::kScanner);
    return Passage::kDropped;
  }
  if (leg != nullptr) Tell(v1::DIRECTION_RECEIVED, message, *leg);
  if (leg != nullptr && leg->IsTooLate(sip)) return Passage::kDropped;
  if (!HasDialogHeaders(sip)) return Passage::kOn;
  // The stack would make a transaction of it.
  if (leg == nullptr && IsAck(sip) && entrance_.HasRefused(InviteKey(sip))) return Passage::kDropped;
  if (!BeginsCall(sip)) return Passage::kOn;
  if (leg != nullptr && leg->side() == v1::LEG_SIDE_CALLER && static_cast<CallerLeg*>(leg)->IsOfInvite(sip))
    return Passage::kOn;
  const std::string key = InviteKey(sip);
  if (early_invites_.Find(key) != nullptr) return Passage::kOn;
  if (entrance_.RefusesAgain(message, key)) return Passage::kDropped;
  auto refused = Closed();
  if (!refused) refused = entrance_.Refuses(message);
  if (refused && entrance_.Refuse(message, key, *refused)) return Passage::kDropped;
  early_invites_.Add(key, {.remote_address = FormatAddress(*message.address),
                           .transport = message.transport,
                           .refused = refused,
                           .messages = {LadderLine(v1::LEG_SIDE_CALLER, v1::DIRECTION_RECEIVED, sip)}});
  return Passage::kOn;
}

void Switchboard::OnSent(const WireMessage& message) {
  const sip_t& sip = *message.sip;
  if (proving_) {
    ++proved_sent_;
    return;
  }
  Leg* const leg = HasDialogHeaders(sip) ? LegOf(sip, false) : nullptr;
  Count(v1::DIRECTION_SENT, sip, leg);
  if (leg != nullptr) {
    Tell(v1::DIRECTION_SENT, message, *leg);
    return;
  }
  if (!HasDialogHeaders(sip) || sip.sip_request != nullptr) return;
  EarlyInvites::Invite* early = early_invites_.Find(InviteKey(sip));
  if (early != nullptr && early->messages.size() < EarlyInvites::kMaxMessages) {
    early->messages.push_back(LadderLine(v1::LEG_SIDE_CALLER, v1::DIRECTION_SENT, sip));
  }
}

}  // namespace adieu::sip
