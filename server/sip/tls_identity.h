#pragma once

#include <openssl/types.h>

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "adieu/config/v1/config.pb.h"
#include "server/base/error.h"

namespace adieu::sip {

// Who we are to peers that connect over TLS to one listener, and whom we let in: TLS 1.2 and newer, ciphers
// with forward secrecy and authenticated encryption, no renegotiation, no compression, no resumption. With
// `require_client_certificate` a peer must show a certificate that leads to one of the CAs. Shared by the
// listener and by who changes it; any thread.
class TlsIdentity {
 public:
  using Context = std::shared_ptr<SSL_CTX>;

  // From what the files hold (ListenerTls.agent_pem, cafile_pem). INVALID_ARGUMENT (TLS_INVALID); the message
  // is one clause without anything of the content.
  static base::Result<std::shared_ptr<TlsIdentity>> Make(const config::v1::ListenerTls& tls);

  // For connections from now on. When it fails nothing changes.
  std::optional<base::Error> Change(const config::v1::ListenerTls& tls);

  // For the next connection.
  Context context() const;

 private:
  explicit TlsIdentity(Context context) : context_(std::move(context)) {}

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  Context context_;
};

}  // namespace adieu::sip
