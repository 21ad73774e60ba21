#include "server/sip/tls_stream.h"

#include <dlfcn.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sofia-sip/su.h>
#include <sofia-sip/su_alloc.h>
#include <sofia-sip/su_strlst.h>
#include <sofia-sip/su_wait.h>
#include <sofia-sip/tport.h>

#include <cerrno>
#include <cstring>

#include "server/sip/socket_probe.h"
#include "server/sip/tls_identity.h"

extern "C" {

// What the library's tls_connect, the only one of these functions that stays the library's own, reads and
// writes: of the same layout as the library's (1.12.11). The self-test of a TLS listener proves it.
struct tls_s {
  su_home_t home[1];
  SSL_CTX* ctx;
  SSL* con;
  BIO* bio_con;
  unsigned type : 1, accept : 1, verify_incoming : 1, verify_outgoing : 1, verify_subj_in : 1,
      verify_subj_out : 1, verify_date : 1, x509_verified : 1;
  int read_events;
  void* read_buffer;
  size_t read_buffer_len;
  int write_events;
  void* write_buffer;
  size_t write_buffer_len;
  su_strlst_t* subjects;

  // Ours. Of a listener.
  adieu::sip::TlsIdentity* identity;
};

}  // extern "C"

namespace adieu::sip {
namespace {

// A TLS record's largest content.
constexpr size_t kRecord = 16 << 10;

thread_local TlsIdentity* offered = nullptr;
thread_local sockaddr_storage trusted{};
thread_local bool in_handshake = false;

bool IsTrusted(int socket) {
  sockaddr_storage peer{};
  socklen_t length = sizeof peer;
  if (trusted.ss_family == AF_UNSPEC) return false;
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &length) != 0) return false;
  return SameAddress(reinterpret_cast<const sockaddr&>(peer), reinterpret_cast<const sockaddr&>(trusted));
}

tls_s* New() { return static_cast<tls_s*>(su_home_new(sizeof(tls_s))); }

// What the library expects of a read or write that gave nothing: 0 at the end of the stream; otherwise -1 and
// errno, EAGAIN when it is to come again.
int Fail(const tls_s* tls, int result) {
  const int system_error = errno;
  const int error = SSL_get_error(tls->con, result);
  ERR_clear_error();
  switch (error) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      errno = EAGAIN;
      return -1;
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    case SSL_ERROR_SYSCALL:
      if (system_error == 0) return 0;
      errno = system_error;
      return -1;
    default:
      errno = EIO;
      return -1;
  }
}

}  // namespace

void OfferTlsIdentity(TlsIdentity* identity) { offered = identity; }

void TrustTlsFrom(const sockaddr_storage& address) { trusted = address; }

}  // namespace adieu::sip

extern "C" {

// The library parses the names of a peer's certificate after the handshake and frees none of them. Nobody
// reads them: whether the certificate is good was decided in the handshake.
X509* SSL_get1_peer_certificate(const SSL* connection) {
  using Get = X509*(const SSL*);
  static Get* const original = reinterpret_cast<Get*>(dlsym(RTLD_NEXT, "SSL_get1_peer_certificate"));
  return adieu::sip::in_handshake ? nullptr : original(connection);
}

int tls_connect(su_root_magic_t* magic, su_wait_t* wait, tport_t* self) {
  using Connect = int(su_root_magic_t*, su_wait_t*, tport_t*);
  static Connect* const original = reinterpret_cast<Connect*>(dlsym(RTLD_NEXT, "tls_connect"));
  ERR_clear_error();
  adieu::sip::in_handshake = true;
  const int result = original(magic, wait, self);
  adieu::sip::in_handshake = false;
  ERR_clear_error();
  return result;
}

tls_s* tls_init_master(void*) {
  if (adieu::sip::offered == nullptr) {
    errno = EINVAL;
    return nullptr;
  }
  tls_s* tls = adieu::sip::New();
  if (tls != nullptr) tls->identity = adieu::sip::offered;
  return tls;
}

tls_s* tls_init_secondary(tls_s* master, int socket, int accept) {
  if (accept == 0) {
    errno = ECONNREFUSED;
    return nullptr;
  }
  tls_s* tls = adieu::sip::New();
  if (tls == nullptr) return nullptr;
  tls->accept = 1;
  tls->read_buffer = su_alloc(tls->home, adieu::sip::kRecord);
  tls->con = SSL_new(master->identity->context().get());
  tls->bio_con = BIO_new_socket(socket, BIO_NOCLOSE);
  if (tls->read_buffer == nullptr || tls->con == nullptr || tls->bio_con == nullptr) {
    SSL_free(tls->con);
    BIO_free(tls->bio_con);
    su_home_unref(tls->home);
    errno = ENOMEM;
    return nullptr;
  }
  SSL_set_bio(tls->con, tls->bio_con, tls->bio_con);
  // The library has shut the socket down by then.
  SSL_set_quiet_shutdown(tls->con, 1);
  if (adieu::sip::IsTrusted(socket)) SSL_set_verify(tls->con, SSL_VERIFY_NONE, nullptr);
  su_setblocking(socket, 0);
  return tls;
}

void tls_free(tls_s* tls) {
  if (tls == nullptr) return;
  SSL_free(tls->con);
  su_home_unref(tls->home);
}

int tls_get_socket(tls_s* tls) { return tls == nullptr || tls->con == nullptr ? -1 : SSL_get_fd(tls->con); }

// Reads a record into the buffer, unless what is there was not taken yet.
ssize_t tls_read(tls_s* tls) {
  if (tls == nullptr || tls->con == nullptr) {
    errno = EINVAL;
    return -1;
  }
  if (tls->read_buffer_len != 0) return static_cast<ssize_t>(tls->read_buffer_len);
  ERR_clear_error();
  errno = 0;
  const int got = SSL_read(tls->con, tls->read_buffer, adieu::sip::kRecord);
  if (got <= 0) return adieu::sip::Fail(tls, got);
  tls->read_buffer_len = static_cast<size_t>(got);
  return got;
}

void* tls_read_buffer(tls_s* tls, size_t) {
  tls->read_buffer_len = 0;
  return tls->read_buffer;
}

int tls_pending(tls_s const* tls) {
  return tls != nullptr && tls->con != nullptr ? SSL_pending(tls->con) : 0;
}

// -1: an error; 0: the end of the stream; 1: nothing to read; 2: there is data.
int tls_want_read(tls_s* tls, int events) {
  if (tls == nullptr || (events & SU_WAIT_IN) == 0) return 1;
  const ssize_t got = tls_read(tls);
  if (got > 0) return 2;
  if (got == 0) return 0;
  return errno == EAGAIN ? 1 : -1;
}

// What did not go out is given again by the library, whole and first, once the socket takes more.
ssize_t tls_write(tls_s* tls, void* buffer, size_t size) {
  if (tls == nullptr || tls->con == nullptr || buffer == nullptr) {
    errno = EINVAL;
    return -1;
  }
  if (size == 0) return 0;
  ERR_clear_error();
  errno = 0;
  const int put = SSL_write(tls->con, buffer, static_cast<int>(size));
  if (put > 0) return put;
  if (adieu::sip::Fail(tls, put) == 0) errno = EPIPE;
  return -1;
}

// Whether the library is to send what waits.
int tls_want_write(tls_s* tls, int events) { return tls != nullptr && (events & SU_WAIT_OUT) != 0 ? 1 : 0; }

int tls_events(tls_s const*, int mask) { return mask; }

}  // extern "C"
