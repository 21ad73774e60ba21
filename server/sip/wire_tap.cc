#include "server/sip/wire_tap.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <sofia-sip/msg.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>
#include <sofia-sip/su_tagarg.h>
#include <sofia-sip/tport.h>
#include <sofia-sip/tport_tag.h>

#include <cstring>
#include <deque>
#include <optional>

#include "server/base/address.h"

extern "C" {
// Not in the library's public headers.
void tport_deliver(tport_t* self, msg_t* msg, msg_t* next, tport_compressor_t* compressor, su_time_t now);
int tport_register_secondary(tport_t* self, su_wakeup_f wakeup, int events);
void tport_close(tport_t* self);
void tport_zap_secondary(tport_t* self);
int tport_wakeup(su_root_magic_t* magic, su_wait_t* wait, su_wakeup_arg_t* self);
int tls_connect(su_root_magic_t* magic, su_wait_t* wait, su_wakeup_arg_t* self);
}

namespace adieu::sip {
namespace {

thread_local WireListener* listener = nullptr;

struct Kept {
  // Referenced.
  tport_t* tport;
  msg_t* message;
};
thread_local std::deque<Kept> kept;

using DeliverFunction = void(tport_t*, msg_t*, msg_t*, tport_compressor_t*, su_time_t);

template <typename Function>
Function* Original(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

DeliverFunction* OriginalDeliver() {
  static DeliverFunction* const original = Original<DeliverFunction>("tport_deliver");
  return original;
}

void Keep(tport_t* tport, msg_t* message) {
  if (kept.size() >= kMaxKeptMessages) {
    msg_destroy(message);
    return;
  }
  kept.push_back({.tport = tport_ref(tport), .message = message});
}

// FormatAddress the other way round.
std::optional<su_sockaddr_t> ParseAddress(const std::string& text) {
  const auto parts = base::ParseHostPort(text);
  const auto ip = parts ? base::ParseIp(parts->host) : std::nullopt;
  if (!ip) return std::nullopt;
  su_sockaddr_t address{};
  address.su_family = static_cast<sa_family_t>(ip->version == 4 ? AF_INET : AF_INET6);
  address.su_port = htons(static_cast<uint16_t>(parts->port));
  std::memcpy(ip->version == 4 ? static_cast<void*>(&address.su_sin.sin_addr) : &address.su_sin6.sin6_addr,
              ip->bytes.data(), ip->version == 4 ? 4 : 16);
  return address;
}

sockaddr_storage AddressOf(msg_t* msg) {
  sockaddr_storage storage{};
  const su_addrinfo_t* info = msg_addrinfo(msg);
  if (info != nullptr && info->ai_addr != nullptr) {
    std::memcpy(&storage, info->ai_addr, std::min<size_t>(info->ai_addrlen, sizeof storage));
  }
  return storage;
}

const char* TransportOf(const tport_t* tport) {
  const tp_name_t* name = tport_name(tport);
  return name != nullptr && name->tpn_proto != nullptr ? name->tpn_proto : "udp";
}

const sockaddr* LocalOf(const tport_t* tport) {
  const su_addrinfo_t* info = tport_get_address(tport);
  return info == nullptr ? nullptr : info->ai_addr;
}

// The name of a method that the application gave is the application's text: the library keeps the pointer in
// the request, which it sends again when that text is gone.
void OwnMethodName(const sip_t& sip) {
  sip_request_t* request = sip.sip_request;
  if (request == nullptr || request->rq_method == sip_method_unknown) return;
  request->rq_method_name = sip_method_name(request->rq_method, request->rq_method_name);
}

}  // namespace

void SetWireListener(WireListener* of_thread) { listener = of_thread; }

void DeliverKept() {
  while (!kept.empty()) {
    const Kept next = kept.front();
    kept.pop_front();
    tport_deliver(next.tport, next.message, nullptr, nullptr, su_now());
    tport_unref(next.tport);
  }
}

void DropKept() {
  for (const Kept& dropped : kept) {
    msg_destroy(dropped.message);
    tport_unref(dropped.tport);
  }
  kept.clear();
}

bool Deliver(tport_t* tport, const std::string& text, const std::string& from) {
  const std::optional<su_sockaddr_t> source = ParseAddress(from);
  if (!source) return false;
  msg_t* message = msg_make(sip_default_mclass(), 0, text.data(), static_cast<ssize_t>(text.size()));
  if (message == nullptr) return false;
  su_sockaddr_t address = *source;
  msg_set_address(message, &address, SU_SOCKADDR_SIZE(&address));
  OriginalDeliver()(tport, message, nullptr, nullptr, su_now());
  return true;
}

std::string FormatAddress(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto* in = reinterpret_cast<const sockaddr_in*>(&address);
    inet_ntop(AF_INET, &in->sin_addr, text, sizeof text);
    return std::string(text).append(":").append(std::to_string(ntohs(in->sin_port)));
  }
  if (address.ss_family == AF_INET6) {
    const auto* in6 = reinterpret_cast<const sockaddr_in6*>(&address);
    inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof text);
    return std::string("[").append(text).append("]:").append(std::to_string(ntohs(in6->sin6_port)));
  }
  return "";
}

}  // namespace adieu::sip

extern "C" {

tport_t* tport_tsend(tport_t* self, msg_t* msg, tp_name_t const* name, tag_type_t tag, tag_value_t value,
                     ...) {
  using Send = tport_t*(tport_t*, msg_t*, tp_name_t const*, tag_type_t, tag_value_t, ...);
  static Send* const original = adieu::sip::Original<Send>("tport_tsend");
  ta_list ta;
  const sip_t* sip = sip_object(msg);
  if (sip != nullptr) adieu::sip::OwnMethodName(*sip);
  if (sip != nullptr && adieu::sip::listener != nullptr && !adieu::sip::listener->Sends(*sip)) return self;
  ta_start(ta, tag, value);
  tport_t* sent = original(self, msg, name, ta_tags(ta));
  ta_end(ta);
  if (sent != nullptr && adieu::sip::listener != nullptr) {
    const sockaddr_storage address = adieu::sip::AddressOf(msg);
    if (sip != nullptr) {
      adieu::sip::listener->OnSent(
          {.sip = sip, .address = &address, .transport = adieu::sip::TransportOf(sent), .tport = sent});
    }
  }
  return sent;
}

void tport_deliver(tport_t* self, msg_t* msg, msg_t* next, tport_compressor_t* compressor, su_time_t now) {
  if (adieu::sip::listener != nullptr) {
    const sockaddr_storage source = adieu::sip::AddressOf(msg);
    if (!adieu::sip::listener->Admits(source)) {
      msg_destroy(msg);
      return;
    }
    const bool broken =
        tport_is_stream(self) != 0 && msg_get_flags(msg, MSG_FLG_TOOLARGE | MSG_FLG_ERROR) != 0;
    if (broken) adieu::sip::listener->OnBroken(self);
    const sip_t* sip = sip_object(msg);
    if (sip == nullptr || (sip->sip_request == nullptr && sip->sip_status == nullptr)) {
      adieu::sip::listener->OnMalformed();
    } else {
      const adieu::sip::Passage passage =
          adieu::sip::listener->OnReceived({.sip = sip,
                                            .address = &source,
                                            .transport = adieu::sip::TransportOf(self),
                                            .tport = self,
                                            .local = adieu::sip::LocalOf(self)});
      if (passage == adieu::sip::Passage::kKept) return adieu::sip::Keep(self, msg);
      if (passage == adieu::sip::Passage::kDropped) {
        msg_destroy(msg);
        return;
      }
    }
  }
  adieu::sip::OriginalDeliver()(self, msg, next, compressor, now);
}

int tport_register_secondary(tport_t* self, su_wakeup_f wakeup, int events) {
  using Register = int(tport_t*, su_wakeup_f, int);
  static Register* const original = adieu::sip::Original<Register>("tport_register_secondary");
  const int result = original(self, wakeup, events);
  // One that we open waits for the end of its connecting with another function; over TLS we open none.
  const bool accepted = wakeup == &tport_wakeup || wakeup == &tls_connect;
  if (result == 0 && accepted && adieu::sip::listener != nullptr) adieu::sip::listener->OnConnected(self);
  return result;
}

void tport_close(tport_t* self) {
  static auto* const original = adieu::sip::Original<void(tport_t*)>("tport_close");
  if (adieu::sip::listener != nullptr) adieu::sip::listener->OnClosed(self);
  original(self);
}

void tport_zap_secondary(tport_t* self) {
  static auto* const original = adieu::sip::Original<void(tport_t*)>("tport_zap_secondary");
  if (self != nullptr && adieu::sip::listener != nullptr) adieu::sip::listener->OnClosed(self);
  original(self);
}

}  // extern "C"
