#include "server/config/pem_objects.h"

#include <openssl/pem.h>

namespace adieu::config {
namespace {

// A key with a passphrase must not make OpenSSL ask for it.
int NoPassphrase(char*, int, int, void*) { return -1; }

}  // namespace

Bio OpenPem(const std::string& pem) { return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); }

Certificate NextCertificate(BIO* pem) {
  return Certificate(PEM_read_bio_X509(pem, nullptr, NoPassphrase, nullptr));
}

Key PrivateKey(const std::string& pem) {
  return Key(PEM_read_bio_PrivateKey(OpenPem(pem).get(), nullptr, NoPassphrase, nullptr));
}

Key PublicKey(const std::string& pem) {
  return Key(PEM_read_bio_PUBKEY(OpenPem(pem).get(), nullptr, NoPassphrase, nullptr));
}

}  // namespace adieu::config
