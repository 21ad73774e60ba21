#pragma once

#include <chrono>
#include <string>

#include "adieu/config/v1/access.pb.h"

namespace adieu::access {

// JSON Web Tokens and who may have made them, with keys that each run makes anew.

inline constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";

// The PEM of a pair of keys.
struct KeyPair {
  std::string private_key;
  std::string public_key;
};
const KeyPair& RsaKeys();
const KeyPair& OtherRsaKeys();
const KeyPair& EcKeys();

// A token with these claims (a JSON object), signed by libjwt; `algorithm` as in `alg`.
std::string Sign(const std::string& claims, const std::string& algorithm, const std::string& key,
                 const std::string& headers = "{}");

// Issuer `sso` (`iss` is `https://sso`) for the audiences `adieu` and `other`, with a key of each algorithm.
// The claim `roles` gives: `look` VIEWER, `act` OPERATOR, `all of it` ADMIN.
config::v1::TokenIssuer Issuer();

// The claims of a good token of that issuer at `now`, with those of `more` (`,"a":1`) after them.
std::string GoodClaims(std::chrono::system_clock::time_point now, const std::string& more = "");

}  // namespace adieu::access
