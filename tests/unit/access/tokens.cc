#include "tests/unit/access/tokens.h"

#include <gtest/gtest.h>
#include <jwt.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <cstdlib>
#include <memory>

namespace adieu::access {
namespace {

using std::chrono::system_clock;

std::string Text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

KeyPair Pem(EVP_PKEY* made) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(made, EVP_PKEY_free);
  const std::unique_ptr<BIO, int (*)(BIO*)> secret(BIO_new(BIO_s_mem()), BIO_free);
  const std::unique_ptr<BIO, int (*)(BIO*)> open(BIO_new(BIO_s_mem()), BIO_free);
  EXPECT_EQ(PEM_write_bio_PKCS8PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr), 1);
  EXPECT_EQ(PEM_write_bio_PUBKEY(open.get(), key.get()), 1);
  return {Text(secret.get()), Text(open.get())};
}

void AddKey(config::v1::TokenAlgorithm algorithm, const std::string& key, config::v1::TokenIssuer* issuer) {
  config::v1::TokenKey& added = *issuer->add_keys();
  added.set_algorithm(algorithm);
  added.set_key(key);
}

void AddRole(const char* value, v1::Role role, config::v1::TokenIssuer* issuer) {
  config::v1::ClaimRole& added = *issuer->add_roles();
  added.set_value(value);
  added.set_role(role);
}

}  // namespace

const KeyPair& RsaKeys() {
  static const KeyPair keys = Pem(EVP_RSA_gen(2'048));
  return keys;
}

const KeyPair& OtherRsaKeys() {
  static const KeyPair keys = Pem(EVP_RSA_gen(2'048));
  return keys;
}

const KeyPair& EcKeys() {
  static const KeyPair keys = Pem(EVP_EC_gen("P-256"));
  return keys;
}

std::string Sign(const std::string& claims, const std::string& algorithm, const std::string& key,
                 const std::string& headers) {
  jwt_t* made = nullptr;
  EXPECT_EQ(jwt_new(&made), 0);
  const std::unique_ptr<jwt_t, void (*)(jwt_t*)> jwt(made, jwt_free);
  EXPECT_EQ(jwt_add_grants_json(jwt.get(), claims.c_str()), 0) << claims;
  EXPECT_EQ(jwt_add_headers_json(jwt.get(), headers.c_str()), 0) << headers;
  const auto* bytes = key.empty() ? nullptr : reinterpret_cast<const unsigned char*>(key.data());
  EXPECT_EQ(jwt_set_alg(jwt.get(), jwt_str_alg(algorithm.c_str()), bytes, static_cast<int>(key.size())), 0);
  const std::unique_ptr<char, void (*)(void*)> token(jwt_encode_str(jwt.get()), std::free);
  EXPECT_NE(token, nullptr);
  return token == nullptr ? "" : token.get();
}

config::v1::TokenIssuer Issuer() {
  config::v1::TokenIssuer issuer;
  issuer.set_name("sso");
  issuer.set_issuer("https://sso");
  issuer.add_audiences("other");
  issuer.add_audiences("adieu");
  AddKey(config::v1::TOKEN_ALGORITHM_HS256, kSecret, &issuer);
  AddKey(config::v1::TOKEN_ALGORITHM_RS256, OtherRsaKeys().public_key, &issuer);
  AddKey(config::v1::TOKEN_ALGORITHM_RS256, RsaKeys().public_key, &issuer);
  AddKey(config::v1::TOKEN_ALGORITHM_ES256, EcKeys().public_key, &issuer);
  issuer.set_role_claim("roles");
  AddRole("look", v1::ROLE_VIEWER, &issuer);
  AddRole("act", v1::ROLE_OPERATOR, &issuer);
  AddRole("all of it", v1::ROLE_ADMIN, &issuer);
  return issuer;
}

std::string GoodClaims(system_clock::time_point now, const std::string& more) {
  return R"({"iss":"https://sso","sub":"ann","aud":"adieu","roles":"look","exp":)" +
         std::to_string(system_clock::to_time_t(now) + 600) + more + "}";
}

}  // namespace adieu::access
