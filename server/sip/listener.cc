#include "server/sip/listener.h"

#include <sofia-sip/nta_tag.h>
#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_tag_io.h>
#include <sofia-sip/tport_tag.h>

#include <climits>
#include <utility>

#include "server/base/version.h"
#include "server/sip/parser_guards.h"
#include "server/sip/socket_probe.h"
#include "server/sip/tls_stream.h"

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_header.h>

namespace adieu::sip {
namespace {

// Another process may take a free port between the probe and the stack.
constexpr int kFreePortTries = 20;

constexpr int kReceiveBuffer = 4 << 20;

std::string UrlOf(const ListenAddress& address) {
  // With `sip` the library listens on UDP and TCP only.
  std::string url = (address.tls ? "sips:" : "sip:") +
                    (address.advertise.empty() ? address.host : address.advertise) + ":" +
                    std::to_string(address.port);
  if (!address.advertise.empty()) url += ";maddr=" + address.host;
  if (address.udp != address.tcp) url += address.udp ? ";transport=udp" : ";transport=tcp";
  return url;
}

nua_t* CreateNua(su_root_t* root, const ListenAddress& address, int max_proceeding, nua_callback_f callback,
                 nua_magic_t* magic) {
  const std::string agent = "Adieu/" + std::string(base::kVersion);
  return nua_create(
      root, callback, magic, NUTAG_URL(UrlOf(address).c_str()), NUTAG_MEDIA_ENABLE(0), NUTAG_AUTOALERT(0),
      NUTAG_AUTOANSWER(0), NUTAG_AUTOACK(0), NUTAG_AUTO302(0), NUTAG_RETRY_COUNT(0), NUTAG_SESSION_TIMER(0),
      SIPTAG_ALLOW_STR("INVITE,ACK,BYE,CANCEL,INFO,UPDATE,OPTIONS,MESSAGE,PRACK"),
      NUTAG_APPL_METHOD("INVITE,INFO,UPDATE,OPTIONS,MESSAGE,REFER,NOTIFY"),
      SIPTAG_SUPPORTED_STR("replaces,100rel,timer"), SIPTAG_USER_AGENT_STR(agent.c_str()),
      NTATAG_PROGRESS(UINT_MAX), NTATAG_MAX_PROCEEDING(max_proceeding), NTATAG_MAXSIZE(kMaxMessage),
      TPTAG_UDP_RMEM(kReceiveBuffer), TPTAG_IDLE(UINT_MAX), TAG_END());
}

bool AsksForSips(const sip_t& invite) {
  const auto is_sips = [](const url_t* url) { return url->url_type == url_sips; };
  if (is_sips(invite.sip_request->rq_url)) return true;
  if (invite.sip_record_route != nullptr) return is_sips(invite.sip_record_route->r_url);
  return invite.sip_contact != nullptr && is_sips(invite.sip_contact->m_url);
}

base::Error ListenFailed(const ListenAddress& address, const std::string& why) {
  return base::Error{.code = absl::StatusCode::kUnavailable,
                     .reason = "SIP_LISTEN_FAILED",
                     .message = "SIP listener " + address.name + ": " + address.Text() + ": " + why};
}

}  // namespace

base::Result<std::unique_ptr<Listener>> Listener::Open(su_root_t* root, ListenAddress address,
                                                       std::shared_ptr<TlsIdentity> identity,
                                                       int max_proceeding, nua_callback_f callback,
                                                       nua_magic_t* magic) {
  const bool any_port = address.port == 0;
  for (int i = 0; i < (any_port ? kFreePortTries : 1); ++i) {
    if (any_port) address.port = 0;
    const ProbedPort probed = ProbePort(address.host, address.port, address.udp, address.tcp || address.tls);
    if (probed.port == 0) {
      if (any_port) continue;
      return ListenFailed(address, probed.error);
    }
    address.port = probed.port;
    OfferTlsIdentity(identity.get());
    nua_t* nua = CreateNua(root, address, max_proceeding, callback, magic);
    OfferTlsIdentity(nullptr);
    if (nua != nullptr) {
      return std::unique_ptr<Listener>(new Listener(std::move(address), std::move(identity), nua));
    }
  }
  return ListenFailed(address, "the SIP stack cannot open it");
}

bool Listener::Reaches(std::string_view host, std::string_view transport) const {
  const bool same_family = address_.host.starts_with('[') == host.starts_with('[');
  if (!same_family) return false;
  if (transport == "tls") return address_.tls;
  return transport == "tcp" ? address_.tcp : address_.udp;
}

std::string Listener::ContactOver(std::string_view transport) const {
  // Without it the peer would come back over UDP (RFC 3263 4.1).
  if (transport == "udp") return "";
  const std::string& shown = address_.advertise.empty() ? address_.host : address_.advertise;
  return "<sip:" + shown + ":" + std::to_string(address_.port) + ";transport=" + std::string(transport) + ">";
}

std::string Listener::ContactFor(const sip_t& invite) const {
  // The stack's is sips, for whoever asked for sips (RFC 3261 12.1.1), and must not be for others (RFC
  // 5630 5.3).
  return address_.tls && !AsksForSips(invite) ? ContactOver("tls") : "";
}

Listener::~Listener() {
  if (closed_) nua_destroy(nua_);
}

void Listener::Close() { nua_shutdown(nua_); }

}  // namespace adieu::sip
