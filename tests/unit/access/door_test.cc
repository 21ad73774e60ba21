#include "server/access/door.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/unit/access/tokens.h"

namespace adieu::access {
namespace {

using std::chrono::system_clock;

// SHA-256 of `secret`.
constexpr char kHash[] = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

config::v1::Access MakeAccess() {
  config::v1::Access access;
  auto& token = *access.add_tokens();
  token.set_name("one");
  token.set_role(v1::ROLE_OPERATOR);
  token.set_sha256(kHash);
  *access.add_issuers() = Issuer();
  auto& certificate = *access.add_certificates();
  certificate.set_name("host.example.com");
  certificate.set_role(v1::ROLE_VIEWER);
  return access;
}

Credentials Bearer(const std::string& token) {
  return {.authorization = {"Bearer " + token}, .address = "192.0.2.1"};
}

Credentials Certificate(std::vector<std::string> names) {
  return {.has_certificate = true, .certificate_names = std::move(names), .address = "192.0.2.1"};
}

class DoorTest : public testing::Test {
 protected:
  // `token:one 2`, or the reason.
  std::string Enter(const Credentials& credentials) {
    const auto caller = door_.Enter(credentials);
    return caller.ok() ? caller->principal + " " + std::to_string(caller->role) : caller.error().reason;
  }
  bool Counts(const std::string& line) { return metrics_.Text().find(line) != std::string::npos; }

  metrics::Metrics metrics_{"test"};
  Door door_{{.requests_per_second = 0}, MakeAccess(), &metrics_};
};

TEST_F(DoorTest, ATokenCountsAndThenACertificate) {
  EXPECT_EQ(Enter(Bearer("secret")), "token:one 2");
  EXPECT_EQ(Enter(Certificate({"other", "host.example.com"})), "certificate:host.example.com 1");
  Credentials both = Certificate({"host.example.com"});
  both.authorization = {"bEARER secret"};
  EXPECT_EQ(Enter(both), "token:one 2");
  both.authorization = {"Bearer wrong"};
  EXPECT_EQ(Enter(both), "TOKEN_UNKNOWN");
  EXPECT_EQ(Enter(Certificate({"other"})), "CREDENTIALS_MISSING");
  EXPECT_EQ(Enter(Certificate({})), "CREDENTIALS_MISSING");
  EXPECT_EQ(Enter({}), "CREDENTIALS_MISSING");
  EXPECT_TRUE(Counts("adieu_api_denied_total{reason=\"credentials_missing\"} 3"));
  EXPECT_TRUE(Counts("adieu_api_denied_total{reason=\"token_unknown\"} 1"));
}

TEST_F(DoorTest, OtherFormsOfTheMetadataAreUnknown) {
  for (const char* value :
       {"", "Bearer", "Bearer ", "secret", "Basic secret", "Bearersecret", "Bearer  secret"}) {
    EXPECT_EQ(Enter({.authorization = {value}}), "TOKEN_UNKNOWN") << value;
  }
  EXPECT_EQ(Enter({.authorization = {"Bearer secret", "Bearer secret"}}), "TOKEN_UNKNOWN");
}

TEST_F(DoorTest, AJsonWebTokenIsRememberedUntilItEnds) {
  const auto now = system_clock::now();
  const std::string good = Sign(GoodClaims(now), "ES256", EcKeys().private_key);
  EXPECT_EQ(Enter(Bearer(good)), "jwt:sso:ann 1");
  EXPECT_EQ(Enter(Bearer(good)), "jwt:sso:ann 1");
  config::v1::Access access = MakeAccess();
  KnownClients known(access);
  EXPECT_FALSE(known.Find(Bearer(good), now));
  EXPECT_TRUE(std::holds_alternative<Caller>(known.Verify(Bearer(good), now)));
  EXPECT_TRUE(std::holds_alternative<Caller>(*known.Find(Bearer(good), now)));
  const auto late = known.Find(Bearer(good), now + std::chrono::minutes(11));
  EXPECT_EQ(std::get<metrics::ApiDenial>(*late), metrics::ApiDenial::kTokenExpired);
}

TEST_F(DoorTest, AStaticTokenEnds) {
  config::v1::Access access = MakeAccess();
  access.mutable_tokens(0)->mutable_expire_time()->set_seconds(1'000'000'000);
  door_.Change(access);
  EXPECT_EQ(Enter(Bearer("secret")), "TOKEN_EXPIRED");
}

TEST_F(DoorTest, AChangeCountsAtOnceAlsoForWhoIsIn) {
  const auto caller = door_.Enter(Bearer("secret"));
  ASSERT_TRUE(caller.ok());
  const uint64_t before = door_.changes();
  EXPECT_TRUE(door_.Reenter(Bearer("secret"), *caller).ok());

  config::v1::Access access = MakeAccess();
  access.mutable_tokens(0)->set_role(v1::ROLE_VIEWER);
  door_.Change(access);
  EXPECT_GT(door_.changes(), before);
  EXPECT_EQ(door_.Reenter(Bearer("secret"), *caller)->role, v1::ROLE_VIEWER);

  access.mutable_tokens(0)->set_name("two");
  door_.Change(access);
  EXPECT_EQ(door_.Reenter(Bearer("secret"), *caller).error().reason, "TOKEN_UNKNOWN");

  access.clear_tokens();
  door_.Change(access);
  EXPECT_EQ(door_.Reenter(Bearer("secret"), *caller).error().reason, "TOKEN_UNKNOWN");
  EXPECT_EQ(Enter(Bearer("secret")), "TOKEN_UNKNOWN");
}

TEST_F(DoorTest, ErrorsAreCanonical) {
  EXPECT_EQ(door_.Enter({}).error().code, absl::StatusCode::kUnauthenticated);
  const auto error = door_.RefuseRole(Caller{.role = v1::ROLE_VIEWER}, v1::ROLE_ADMIN);
  EXPECT_EQ(error.code, absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(error.metadata.at("least_role"), "ROLE_ADMIN");
  EXPECT_EQ(door_.Refuse(metrics::ApiDenial::kTooManyWatchers, "a").code,
            absl::StatusCode::kResourceExhausted);
}

TEST(Door, WithoutATokensFileEveryoneIsAnAdmin) {
  metrics::Metrics metrics("test");
  Door door({}, std::nullopt, &metrics);
  const auto name = [&](const Credentials& credentials) {
    const auto caller = door.Enter(credentials);
    EXPECT_EQ(caller->role, v1::ROLE_ADMIN);
    return caller->principal;
  };
  EXPECT_EQ(name({.address = "::1"}), "anonymous");
  EXPECT_EQ(name(Bearer("whatever")), "anonymous");
  EXPECT_EQ(name(Certificate({"a", "b"})), "certificate:a");
  EXPECT_EQ(name(Certificate({"a\n", std::string(257, 'x'), "\xff", "b"})), "certificate:b");
  EXPECT_EQ(name(Certificate({})), "certificate:");
}

TEST(Door, RatesAreByClient) {
  metrics::Metrics metrics("test");
  Door door({.requests_per_second = 1}, MakeAccess(), &metrics);
  const auto enter = [&](const Credentials& credentials) {
    const auto caller = door.Enter(credentials);
    return caller.ok() ? std::string("OK") : caller.error().reason;
  };
  EXPECT_EQ(enter(Bearer("secret")), "OK");
  const auto limited = door.Enter(Bearer("secret"));
  EXPECT_EQ(limited.error().reason, "RATE_LIMITED");
  EXPECT_GT(*limited.error().retry_after, std::chrono::milliseconds(0));
  // Another address of the same client, and another client of the same address.
  Credentials elsewhere = Bearer("secret");
  elsewhere.address = "192.0.2.9";
  EXPECT_EQ(enter(elsewhere), "RATE_LIMITED");
  EXPECT_EQ(enter(Certificate({"host.example.com"})), "OK");
  // Who is not known counts by the address, so that nobody tries many tokens; IPv6 addresses by their
  // network.
  EXPECT_EQ(enter(Bearer("wrong")), "TOKEN_UNKNOWN");
  EXPECT_EQ(enter(Bearer("wrong, too")), "RATE_LIMITED");
  const auto from = [](const char* address) { return Credentials{.address = address}; };
  EXPECT_EQ(enter(from("2001:db8::1")), "CREDENTIALS_MISSING");
  EXPECT_EQ(enter(from("2001:db8::2:0:0:1")), "RATE_LIMITED");
  EXPECT_EQ(enter(from("2001:db8:0:1::1")), "CREDENTIALS_MISSING");
}

TEST(Door, WrongSignaturesAreCheckedAtABoundedRate) {
  metrics::Metrics metrics("test");
  Door door({}, MakeAccess(), &metrics);
  const auto now = system_clock::now();
  const std::string good = Sign(GoodClaims(now), "HS256", kSecret);
  // Good ones are not counted.
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(
        door.Enter(Bearer(Sign(GoodClaims(now, ",\"jti\":" + std::to_string(i)), "HS256", kSecret))).ok());
  }
  ASSERT_TRUE(door.Enter(Bearer(good)).ok());
  std::string reason;
  for (int i = 0; i < 2'000 && reason != "RATE_LIMITED"; ++i) {
    reason = door.Enter(Bearer(Sign(GoodClaims(now), "HS256", "another secret" + std::to_string(i))))
                 .error()
                 .reason;
  }
  EXPECT_EQ(reason, "RATE_LIMITED");
  EXPECT_TRUE(door.Enter(Bearer(good)).ok());
  EXPECT_TRUE(door.Enter(Bearer("secret")).ok());
}

}  // namespace
}  // namespace adieu::access
