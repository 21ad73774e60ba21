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

extern "C" {
// Not in the library's public headers.
void tport_deliver(tport_t* self, msg_t* msg, msg_t* next, tport_compressor_t* compressor, su_time_t now);
}

namespace adieu::sip {
namespace {

thread_local WireListener* listener = nullptr;

template <typename Function>
Function* Original(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
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
  ta_start(ta, tag, value);
  tport_t* sent = original(self, msg, name, ta_tags(ta));
  ta_end(ta);
  if (sent != nullptr && adieu::sip::listener != nullptr) {
    const sockaddr_storage address = adieu::sip::AddressOf(msg);
    if (sip != nullptr) {
      adieu::sip::listener->OnSent(
          {.sip = sip, .address = &address, .transport = adieu::sip::TransportOf(sent)});
    }
  }
  return sent;
}

void tport_deliver(tport_t* self, msg_t* msg, msg_t* next, tport_compressor_t* compressor, su_time_t now) {
  using Deliver = void(tport_t*, msg_t*, msg_t*, tport_compressor_t*, su_time_t);
  static Deliver* const original = adieu::sip::Original<Deliver>("tport_deliver");
  if (adieu::sip::listener != nullptr) {
    const sockaddr_storage source = adieu::sip::AddressOf(msg);
    if (!adieu::sip::listener->Admits(source)) {
      msg_destroy(msg);
      return;
    }
    const sip_t* sip = sip_object(msg);
    if (sip == nullptr || (sip->sip_request == nullptr && sip->sip_status == nullptr)) {
      adieu::sip::listener->OnMalformed();
    } else if (!adieu::sip::listener->OnReceived({.sip = sip,
                                                  .address = &source,
                                                  .transport = adieu::sip::TransportOf(self),
                                                  .local = adieu::sip::LocalOf(self)})) {
      msg_destroy(msg);
      return;
    }
  }
  original(self, msg, next, compressor, now);
}

}  // extern "C"
