#pragma once

#include <openssl/evp.h>

#include <chrono>
#include <memory>
#include <string>

namespace adieu::config {

// Keys and certificates in PEM, made anew by each test.

using Key = std::shared_ptr<EVP_PKEY>;

Key MakeRsaKey(unsigned bits = 2'048);
// `curve`: as OpenSSL names it.
Key MakeEcKey(const char* curve = "P-256");

std::string PublicPem(const Key& key);
std::string PrivatePem(const Key& key, const char* passphrase = nullptr);

// Signed by itself; ends `from_now` after now.
std::string CertificatePem(const Key& key, std::chrono::seconds from_now = std::chrono::hours(1));

}  // namespace adieu::config
