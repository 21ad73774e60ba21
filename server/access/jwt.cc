#include "server/access/jwt.h"

#include <jwt.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>

#include "server/access/claims.h"
#include "server/base/utf8.h"

namespace adieu::access {
namespace {

using config::v1::TokenAlgorithm;
using config::v1::TokenIssuer;
using config::v1::TokenKey;
using metrics::ApiDenial;

constexpr size_t kMaxSubject = 128;

struct FreeText {
  void operator()(char* text) const { std::free(text); }
};
using Text = std::unique_ptr<char, FreeText>;
using Jwt = std::unique_ptr<jwt_t, decltype(&jwt_free)>;

// Null: not a token, or not signed with `key`. Without a key the signature is not looked at.
Jwt Decode(const std::string& token, const std::string* key) {
  jwt_t* jwt = nullptr;
  const auto* bytes = key == nullptr ? nullptr : reinterpret_cast<const unsigned char*>(key->data());
  const int size = key == nullptr ? 0 : static_cast<int>(key->size());
  if (jwt_decode(&jwt, token.c_str(), bytes, size) != 0) jwt = nullptr;
  return {jwt, &jwt_free};
}

// TOKEN_ALGORITHM_UNSPECIFIED: none that is taken. (The library tells of a token without a key that it has
// none.)
TokenAlgorithm AlgorithmOf(jwt_t* jwt) {
  const char* name = jwt_get_header(jwt, "alg");
  const std::string_view algorithm = name == nullptr ? "" : name;
  if (algorithm == "HS256") return config::v1::TOKEN_ALGORITHM_HS256;
  if (algorithm == "RS256") return config::v1::TOKEN_ALGORITHM_RS256;
  if (algorithm == "ES256") return config::v1::TOKEN_ALGORITHM_ES256;
  return config::v1::TOKEN_ALGORITHM_UNSPECIFIED;
}

// Header fields that must be understood, of which none is known here (RFC 7515 4.1.11).
bool HasCritical(jwt_t* jwt) { return Text(jwt_get_headers_json(jwt, "crit")) != nullptr; }

std::optional<Claims> ClaimsOf(jwt_t* jwt) {
  const Text json(jwt_get_grants_json(jwt, nullptr));
  return json == nullptr ? std::nullopt : Claims::Parse(json.get());
}

// The token as one of the issuer's keys has signed it.
std::variant<Claims, ApiDenial> Verify(const std::string& token, TokenAlgorithm algorithm,
                                       const TokenIssuer& issuer) {
  ApiDenial denial = ApiDenial::kTokenAlgorithm;
  for (const TokenKey& key : issuer.keys()) {
    // A key is never used for another algorithm than its own: a public key would else be taken for a secret.
    if (key.algorithm() != algorithm || algorithm == config::v1::TOKEN_ALGORITHM_UNSPECIFIED) continue;
    denial = ApiDenial::kTokenSignature;
    const Jwt jwt = Decode(token, &key.key());
    if (jwt == nullptr || AlgorithmOf(jwt.get()) != algorithm) continue;
    if (auto claims = ClaimsOf(jwt.get())) return *std::move(claims);
  }
  return denial;
}

std::variant<Caller, ApiDenial> Judge(const Claims& claims, const TokenIssuer& issuer,
                                      std::chrono::system_clock::time_point now) {
  const auto end = claims.Time("exp");
  const auto begin = claims.Time("nbf");
  const std::string subject = claims.Text("sub");
  if (claims.Text("iss") != issuer.issuer() || !end || (claims.Has("nbf") && !begin)) {
    return ApiDenial::kTokenClaims;
  }
  if (subject.empty() || subject.size() > kMaxSubject || base::HasControl(subject)) {
    return ApiDenial::kTokenClaims;
  }
  if (now >= *end + kLeeway) return ApiDenial::kTokenExpired;
  if (begin && now < *begin - kLeeway) return ApiDenial::kTokenNotYetValid;
  if (std::none_of(issuer.audiences().begin(), issuer.audiences().end(),
                   [&](const std::string& audience) { return claims.HasAudience(audience); })) {
    return ApiDenial::kTokenAudience;
  }
  const v1::Role role = claims.RoleBy(issuer);
  if (role == v1::ROLE_UNSPECIFIED) return ApiDenial::kNoRole;
  return Caller{.principal = "jwt:" + issuer.name() + ":" + subject, .role = role, .end = *end + kLeeway};
}

}  // namespace

std::variant<Caller, ApiDenial> ReadJwt(const std::string& token,
                                        const google::protobuf::RepeatedPtrField<TokenIssuer>& issuers,
                                        std::chrono::system_clock::time_point now) {
  const Jwt unverified = Decode(token, nullptr);
  const auto said = unverified == nullptr ? std::nullopt : ClaimsOf(unverified.get());
  if (!said || HasCritical(unverified.get())) return ApiDenial::kTokenUnknown;
  const auto issuer = std::find_if(issuers.begin(), issuers.end(), [&](const TokenIssuer& candidate) {
    return candidate.issuer() == said->Text("iss");
  });
  if (issuer == issuers.end()) return ApiDenial::kTokenUnknown;
  const auto verified = Verify(token, AlgorithmOf(unverified.get()), *issuer);
  if (const auto* denial = std::get_if<ApiDenial>(&verified)) return *denial;
  return Judge(std::get<Claims>(verified), *issuer, now);
}

}  // namespace adieu::access
