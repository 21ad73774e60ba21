#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "server/base/error.h"

namespace adieu::config {

// What is in PEM files. Pure. Errors are INVALID_ARGUMENT (PEM_INVALID); the message is one clause without
// anything of the content.

// The earliest end of the validity of the certificates in `pem`, of which there is at least one.
base::Result<std::chrono::system_clock::time_point> CertificatesEnd(const std::string& pem);

// `key` must be the private key, without a passphrase, of the first of `certificates`, which are good.
std::optional<base::Error> CheckPrivateKey(const std::string& key, const std::string& certificates);

// `key` must be an RSA public key of 2,048 to 8,192 bits.
std::optional<base::Error> CheckRsaPublicKey(const std::string& key);

// `key` must be a public key on the curve P-256.
std::optional<base::Error> CheckP256PublicKey(const std::string& key);

}  // namespace adieu::config
