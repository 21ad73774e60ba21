#include "server/sip/tls_identity.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <string>
#include <utility>

#include "server/config/pem_objects.h"

namespace adieu::sip {
namespace {

using config::Bio;
using config::Certificate;
using config::Key;
using config::NextCertificate;
using config::OpenPem;

// TLS 1.2 without CBC, RSA key exchange and anonymous peers; those of 1.3 are all good.
constexpr char kCiphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:!aNULL:!PSK";

// Of a peer's certificate: one CA between it and the root, and one more.
constexpr int kMaxDepth = 3;

bool UseIdentity(SSL_CTX* context, const std::string& pem) {
  const Bio certificates = OpenPem(pem);
  const Certificate own = NextCertificate(certificates.get());
  if (own == nullptr || SSL_CTX_use_certificate(context, own.get()) != 1) return false;
  while (const Certificate next = NextCertificate(certificates.get())) {
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) return false;
  }
  const Key key = config::PrivateKey(pem);
  return key != nullptr && SSL_CTX_use_PrivateKey(context, key.get()) == 1 &&
         SSL_CTX_check_private_key(context) == 1;
}

bool RequireCertificatesOf(SSL_CTX* context, const std::string& cas) {
  const Bio pem = OpenPem(cas);
  bool any = false;
  while (const Certificate ca = NextCertificate(pem.get())) {
    any = true;
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca.get()) != 1) return false;
    if (SSL_CTX_add_client_CA(context, ca.get()) != 1) return false;
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_verify_depth(context, kMaxDepth);
  return any;
}

base::Result<TlsIdentity::Context> MakeContext(const config::v1::ListenerTls& tls) {
  const auto refuse = [](const char* why) {
    ERR_clear_error();
    return base::Error{.code = absl::StatusCode::kInvalidArgument, .reason = "TLS_INVALID", .message = why};
  };
  TlsIdentity::Context context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (context == nullptr || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(context.get(), kCiphers) != 1) {
    return refuse("cannot be had: OpenSSL has no TLS 1.2 with the ciphers that are wanted");
  }
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  if (!UseIdentity(context.get(), tls.agent_pem())) {
    return refuse("has a certificate or key that OpenSSL does not take");
  }
  if (tls.require_client_certificate() && !RequireCertificatesOf(context.get(), tls.cafile_pem())) {
    return refuse("has CAs that OpenSSL does not take");
  }
  ERR_clear_error();
  return context;
}

}  // namespace

base::Result<std::shared_ptr<TlsIdentity>> TlsIdentity::Make(const config::v1::ListenerTls& tls) {
  auto context = MakeContext(tls);
  if (!context.ok()) return context.error();
  return std::shared_ptr<TlsIdentity>(new TlsIdentity(*std::move(context)));
}

std::optional<base::Error> TlsIdentity::Change(const config::v1::ListenerTls& tls) {
  auto context = MakeContext(tls);
  if (!context.ok()) return context.error();
  const std::lock_guard lock(mutex_);
  context_ = *std::move(context);
  return std::nullopt;
}

TlsIdentity::Context TlsIdentity::context() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

}  // namespace adieu::sip
