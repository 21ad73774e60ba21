#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace adieu::config {

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

// What OpenSSL reads of PEM, never asking for a passphrase. Null: there is none, or one that cannot be read;
// OpenSSL's error queue says more. `pem` must outlive what OpenPem gives.
Bio OpenPem(const std::string& pem);
Certificate NextCertificate(BIO* pem);
Key PrivateKey(const std::string& pem);
Key PublicKey(const std::string& pem);

}  // namespace adieu::config
