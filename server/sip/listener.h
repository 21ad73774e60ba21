#pragma once

#include <sofia-sip/nua.h>
#include <sofia-sip/su_wait.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/error.h"
#include "server/sip/tls_identity.h"

struct tport_s;

namespace adieu::sip {

// Where an agent speaks SIP.
struct ListenAddress {
  std::string name;
  // `192.0.2.1` or `[2001:db8::1]`.
  std::string host;
  // Bound; never zero once it is open.
  int port = 0;
  bool udp = true;
  bool tcp = true;
  // Then neither of the two.
  bool tls = false;
  // What Via and Contact show; empty: `host`.
  std::string advertise;

  // `192.0.2.1:5060`.
  std::string Text() const { return host + ":" + std::to_string(port); }
};

// One NUA on one address, made and used on the agent's thread. Close() must have come to its end
// (nua_r_shutdown) before it is destroyed.
class Listener {
 public:
  // Opens the sockets. UNAVAILABLE (SIP_LISTEN_FAILED): the address cannot be bound. `max_proceeding` bounds
  // the INVITEs that the stack itself holds. `identity`: who we are on TLS; null without it.
  static base::Result<std::unique_ptr<Listener>> Open(su_root_t* root, ListenAddress address,
                                                      std::shared_ptr<TlsIdentity> identity,
                                                      int max_proceeding, nua_callback_f callback,
                                                      nua_magic_t* magic);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  const ListenAddress& address() const { return address_; }
  nua_t* nua() const { return nua_; }
  // The library's transport on which it receives; known once the wire tap is proved.
  tport_s* tport() const { return tport_; }
  void SetTport(tport_s* tport) { tport_ = tport; }
  // The host that our session descriptions show.
  const std::string& media_host() const { return address_.host; }
  // Whether it speaks this transport (`udp`, `tcp`, `tls`) and the family of this address.
  bool Reaches(std::string_view host, std::string_view transport) const;
  // The Contact of our requests over this transport. Empty: the one that the stack makes.
  std::string ContactOver(std::string_view transport) const;
  // The Contact of our responses to an INVITE. Empty: the one that the stack makes.
  std::string ContactFor(const sip_t& invite) const;
  // Begins the shutdown; nua_r_shutdown ends it. Only without live handles.
  void Close();
  // nua_r_shutdown came.
  void OnClosed() { closed_ = true; }
  bool closed() const { return closed_; }

 private:
  Listener(ListenAddress address, std::shared_ptr<TlsIdentity> identity, nua_t* nua)
      : address_(std::move(address)), identity_(std::move(identity)), nua_(nua) {}

  ListenAddress address_;
  // Outlives the stack's connections.
  std::shared_ptr<TlsIdentity> identity_;
  nua_t* nua_;
  tport_s* tport_ = nullptr;
  bool closed_ = false;
};

}  // namespace adieu::sip
