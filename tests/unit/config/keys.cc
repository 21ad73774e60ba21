#include "tests/unit/config/keys.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <cstring>

namespace adieu::config {
namespace {

// What `write` writes.
template <typename Write>
std::string Pem(Write write) {
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(BIO_new(BIO_s_mem()), BIO_free);
  EXPECT_EQ(write(bio.get()), 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace

Key MakeRsaKey(unsigned bits) { return Key(EVP_RSA_gen(bits), EVP_PKEY_free); }
Key MakeEcKey(const char* curve) { return Key(EVP_EC_gen(curve), EVP_PKEY_free); }

std::string PublicPem(const Key& key) {
  return Pem([&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, key.get()); });
}

std::string PrivatePem(const Key& key, const char* passphrase) {
  return Pem([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(
        bio, key.get(), passphrase == nullptr ? nullptr : EVP_aes_128_cbc(), passphrase,
        passphrase == nullptr ? 0 : static_cast<int>(std::strlen(passphrase)), nullptr, nullptr);
  });
}

std::string CertificatePem(const Key& key, std::chrono::seconds from_now) {
  const std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3'600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), from_now.count());
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  EXPECT_GT(X509_sign(certificate.get(), key.get(), EVP_sha256()), 0);
  return Pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); });
}

}  // namespace adieu::config
