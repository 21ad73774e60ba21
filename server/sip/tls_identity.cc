#include "server/sip/tls_identity.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <string>
#include <utility>

namespace adieu::sip {
namespace {

// TLS 1.2 without CBC, RSA key exchange and anonymous peers; those of 1.3 are all good.
constexpr char kCiphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:!aNULL:!PSK";

// Of a peer's certificate: one CA between it and the root, and one more.
constexpr int kMaxDepth = 3;

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

Bio Open(const std::string& pem) { return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); }

// A key with a passphrase must not make OpenSSL ask for it.
int NoPassphrase(char*, int, int, void*) { return -1; }

Certificate NextCertificate(BIO* pem) {
  return Certificate(PEM_read_bio_X509(pem, nullptr, NoPassphrase, nullptr));
}

bool UseIdentity(SSL_CTX* context, const std::string& pem) {
  const Bio certificates = Open(pem);
  const Certificate own = NextCertificate(certificates.get());
  if (own == nullptr || SSL_CTX_use_certificate(context, own.get()) != 1) return false;
  while (const Certificate next = NextCertificate(certificates.get())) {
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) return false;
  }
  const Key key(PEM_read_bio_PrivateKey(Open(pem).get(), nullptr, NoPassphrase, nullptr));
  return key != nullptr && SSL_CTX_use_PrivateKey(context, key.get()) == 1 &&
         SSL_CTX_check_private_key(context) == 1;
}

bool RequireCertificatesOf(SSL_CTX* context, const std::string& cas) {
  const Bio pem = Open(cas);
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
