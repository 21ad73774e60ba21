#include "server/access/jwt.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/access/tokens.h"

namespace adieu::access {
namespace {

using metrics::ApiDenial;
using std::chrono::hours;
using std::chrono::seconds;
using std::chrono::system_clock;

const system_clock::time_point kNow = system_clock::from_time_t(1'800'000'000);

// What an issuer makes of it: the principal and the role, or the denial.
std::string Read(const std::string& token, system_clock::time_point now = kNow) {
  google::protobuf::RepeatedPtrField<config::v1::TokenIssuer> issuers;
  issuers.Add()->set_issuer("https://another");
  *issuers.Add() = Issuer();
  const auto answer = ReadJwt(token, issuers, now);
  if (const auto* denial = std::get_if<ApiDenial>(&answer)) return std::string(metrics::Label(*denial));
  const Caller& caller = std::get<Caller>(answer);
  return caller.principal + " " + v1::Role_Name(caller.role);
}

std::string SignHs256(const std::string& claims, const std::string& headers = "{}") {
  return Sign(claims, "HS256", kSecret, headers);
}

// The claims of a good token, one of them replaced: `exp` by `"exp":1`.
std::string With(const std::string& claim, const std::string& value) {
  std::string claims = GoodClaims(kNow);
  const size_t at = claims.find("\"" + claim + "\":");
  const size_t end = claims.find_first_of(",}", at);
  return claims.replace(at, end - at, value);
}

TEST(ReadJwt, TakesEachAlgorithmWithItsKey) {
  const std::string claims = GoodClaims(kNow);
  EXPECT_EQ(Read(Sign(claims, "HS256", kSecret)), "jwt:sso:ann ROLE_VIEWER");
  EXPECT_EQ(Read(Sign(claims, "RS256", RsaKeys().private_key)), "jwt:sso:ann ROLE_VIEWER");
  EXPECT_EQ(Read(Sign(claims, "RS256", OtherRsaKeys().private_key)), "jwt:sso:ann ROLE_VIEWER");
  EXPECT_EQ(Read(Sign(claims, "ES256", EcKeys().private_key)), "jwt:sso:ann ROLE_VIEWER");
}

TEST(ReadJwt, RefusesOtherAlgorithms) {
  const std::string claims = GoodClaims(kNow);
  EXPECT_EQ(Read(Sign(claims, "none", "")), "token_algorithm_refused");
  EXPECT_EQ(Read(Sign(claims, "HS512", kSecret)), "token_algorithm_refused");
  EXPECT_EQ(Read(Sign(claims, "RS384", RsaKeys().private_key)), "token_algorithm_refused");
}

TEST(ReadJwt, NeverTakesAPublicKeyForASecret) {
  const std::string claims = GoodClaims(kNow);
  EXPECT_EQ(Read(Sign(claims, "HS256", RsaKeys().public_key)), "token_signature_invalid");
  EXPECT_EQ(Read(Sign(claims, "HS256", EcKeys().public_key)), "token_signature_invalid");
}

TEST(ReadJwt, NoticesEachByteThatWasChanged) {
  const std::string token = Sign(GoodClaims(kNow), "ES256", EcKeys().private_key);
  for (size_t i = 0; i < token.size(); ++i) {
    // The last characters of the base64 of a part may have bits that mean nothing.
    const bool before_end = i + 1 == token.size() || token[i + 1] == '.';
    if (token[i] == '.' || before_end) continue;
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_NE(Read(changed), "jwt:sso:ann ROLE_VIEWER") << i;
  }
}

TEST(ReadJwt, ClaimsMustBeThereAndGood) {
  const auto at = [](system_clock::time_point time) { return std::to_string(system_clock::to_time_t(time)); };
  const struct {
    std::string claims;
    const char* answer;
  } kCases[] = {
      {With("iss", R"("iss":"https://ssO")"), "token_unknown"},
      {With("iss", R"("iss":["https://sso"])"), "token_unknown"},
      {With("iss", R"("x":1)"), "token_unknown"},
      {With("aud", R"("aud":["x","adieu"])"), "jwt:sso:ann ROLE_VIEWER"},
      {With("aud", R"("aud":["x"])"), "token_audience_mismatch"},
      {With("aud", R"("aud":"adieux")"), "token_audience_mismatch"},
      {With("aud", R"("aud":{"adieu":true})"), "token_audience_mismatch"},
      {With("aud", R"("aud":null)"), "token_audience_mismatch"},
      {With("aud", R"("x":1)"), "token_audience_mismatch"},
      {With("exp", R"("x":1)"), "token_claims_invalid"},
      {With("exp", R"("exp":")" + at(kNow + hours(1)) + "\""), "token_claims_invalid"},
      {With("exp", R"("exp":1e300)"), "jwt:sso:ann ROLE_VIEWER"},
      {With("exp", R"("exp":-1)"), "token_expired"},
      {With("exp", R"("exp":)" + at(kNow - seconds(30))), "token_expired"},
      {With("exp", R"("exp":)" + at(kNow - seconds(29))), "jwt:sso:ann ROLE_VIEWER"},
      {GoodClaims(kNow, R"(,"nbf":)" + at(kNow + seconds(30))), "jwt:sso:ann ROLE_VIEWER"},
      {GoodClaims(kNow, R"(,"nbf":)" + at(kNow + seconds(31))), "token_not_yet_valid"},
      {GoodClaims(kNow, R"(,"nbf":"now")"), "token_claims_invalid"},
      {GoodClaims(kNow, R"(,"nbf":1e300)"), "token_not_yet_valid"},
      {With("sub", R"("x":1)"), "token_claims_invalid"},
      {With("sub", R"("sub":"")"), "token_claims_invalid"},
      {With("sub", R"("sub":7)"), "token_claims_invalid"},
      {With("sub", R"("sub":"a\nb")"), "token_claims_invalid"},
      {With("sub", R"("sub":")" + std::string(129, 'x') + "\""), "token_claims_invalid"},
      {With("sub", R"("sub":"a:b")"), "jwt:sso:a:b ROLE_VIEWER"},
  };
  for (const auto& test : kCases) EXPECT_EQ(Read(SignHs256(test.claims)), test.answer) << test.claims;
}

TEST(ReadJwt, TheHighestRoleCounts) {
  const struct {
    const char* roles;
    const char* answer;
  } kCases[] = {
      {R"("look")", "jwt:sso:ann ROLE_VIEWER"},
      {R"("x look act")", "jwt:sso:ann ROLE_OPERATOR"},
      {R"(["act","look"])", "jwt:sso:ann ROLE_OPERATOR"},
      {R"("all of it")", "jwt:sso:ann ROLE_ADMIN"},
      {R"(["look","all of it"])", "jwt:sso:ann ROLE_ADMIN"},
      {R"(["look act"])", "no_role"},
      {R"("looks")", "no_role"},
      {R"([["look"],7,null])", "no_role"},
      {R"({"look":true})", "no_role"},
      {R"(true)", "no_role"},
  };
  for (const auto& test : kCases) {
    EXPECT_EQ(Read(SignHs256(With("roles", std::string(R"("roles":)") + test.roles))), test.answer)
        << test.roles;
  }
  EXPECT_EQ(Read(SignHs256(With("roles", R"("x":1)"))), "no_role");
}

TEST(ReadJwt, ADotLeadsIntoAnObject) {
  config::v1::TokenIssuer issuer = Issuer();
  issuer.set_role_claim("a.b");
  google::protobuf::RepeatedPtrField<config::v1::TokenIssuer> issuers;
  *issuers.Add() = issuer;
  const auto role = [&](const std::string& more) {
    const auto answer = ReadJwt(SignHs256(GoodClaims(kNow, more)), issuers, kNow);
    return std::holds_alternative<Caller>(answer) ? std::get<Caller>(answer).role : v1::ROLE_UNSPECIFIED;
  };
  EXPECT_EQ(role(R"(,"a":{"b":["act"]})"), v1::ROLE_OPERATOR);
  EXPECT_EQ(role(R"(,"a.b":"look","a":{"b":["act"]})"), v1::ROLE_VIEWER);
  EXPECT_EQ(role(R"(,"a":"act")"), v1::ROLE_UNSPECIFIED);
  EXPECT_EQ(role(R"(,"a":{"b":{"c":"act"}})"), v1::ROLE_UNSPECIFIED);
  EXPECT_EQ(role(""), v1::ROLE_UNSPECIFIED);
}

TEST(ReadJwt, RefusesWhatIsNoToken) {
  const std::string good = SignHs256(GoodClaims(kNow));
  const std::string signature = good.substr(good.rfind('.'));
  for (const std::string& text :
       {std::string(), std::string("a"), std::string("."), std::string(".."), std::string("a.b.c"),
        std::string("e30.e30.e30"), good.substr(0, good.rfind('.')), "." + good, "a" + signature,
        std::string(8'000, '.')}) {
    const std::string answer = Read(text);
    EXPECT_TRUE(answer == "token_unknown" || answer == "token_signature_invalid") << text << ": " << answer;
  }
  // RFC 7515 4.1.11.
  EXPECT_EQ(Read(SignHs256(GoodClaims(kNow), R"({"crit":["exp"],"exp":1})")), "token_unknown");
}

}  // namespace
}  // namespace adieu::access
