#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/config/read_access.h"
#include "server/config/settings.h"
#include "tests/unit/base/source_file.h"
#include "tests/unit/config/keys.h"
#include "tests/unit/config/temporary_file.h"

namespace adieu::config {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

const std::string kHash(64, 'a');
const std::string kSecret(32, 's');

std::string Token(const std::string& rest) {
  return "tokens: [{name: a, role: VIEWER, sha256: " + kHash + rest + "}]";
}

// An issuer in which everything is good but what replaces the default; `rest` begins with a newline.
struct Issuer {
  std::string name = "sso";
  std::string issuer = "https://sso.example.com";
  std::string audiences = "[adieu]";
  std::string keys;
  std::string roles = "[{value: v, role: VIEWER}]";
  std::string rest;

  std::string Text() const {
    return "- {name: " + name + ", issuer: '" + issuer + "', audiences: " + audiences + ", keys: " + keys +
           ", roles: " + roles + rest + "}\n";
  }
};

std::string KeyText(const std::string& algorithm, const TemporaryFile& file) {
  return "[{algorithm: " + algorithm + ", file: " + file.path() + "}]";
}

// The message about a file with this text, `PATH` in place of its path; empty: it is good.
std::string Check(const std::string& text, bool client_cas = true) {
  const TemporaryFile file(text);
  const auto access = ReadAccess(file.path(), client_cas);
  if (access.ok()) return "";
  EXPECT_EQ(access.error().reason, "CONFIG_INVALID");
  std::string message = access.error().message;
  for (size_t at = 0; (at = message.find(file.path())) != std::string::npos;) {
    message.replace(at, std::string(file.path()).size(), "PATH");
  }
  return message;
}

TEST(ReadAccess, TakesEveryKind) {
  const TemporaryFile secret(kSecret + "\n");
  const auto rsa = MakeRsaKey();
  const TemporaryFile rsa_file(PublicPem(rsa));
  const TemporaryFile ec_file(PublicPem(MakeEcKey()));
  const TemporaryFile file(
      "tokens:\n- {name: a, role: viewer, sha256: " + kHash +
      ", expire_time: 2030-01-01T00:00:00Z}\n"
      "- {name: b, role: ROLE_ADMIN, sha256: " +
      std::string(64, '0') + "}\nissuers:\n" +
      Issuer{.keys = "[{algorithm: HS256, file: " + std::string(secret.path()) +
                     "}, {algorithm: rs256, file: " + rsa_file.path() +
                     "}, {algorithm: TOKEN_ALGORITHM_ES256, file: " + ec_file.path() + "}]"}
          .Text() +
      Issuer{.name = "two", .issuer = "two", .keys = KeyText("HS256", secret), .rest = ", role_claim: a.b"}
          .Text() +
      "certificates: [{name: 'spiffe://a/b', role: OPERATOR}]");
  const auto access = ReadAccess(file.path(), true);
  ASSERT_TRUE(access.ok()) << access.error().message;
  EXPECT_EQ(access->tokens(0).role(), adieu::v1::ROLE_VIEWER);
  EXPECT_EQ(access->tokens(0).expire_time().seconds(), 1'893'456'000);
  EXPECT_EQ(access->issuers(0).keys(0).key(), kSecret);
  EXPECT_EQ(access->issuers(0).keys(1).key(), PublicPem(rsa));
  EXPECT_EQ(access->issuers(0).role_claim(), "roles");
  EXPECT_EQ(access->issuers(1).role_claim(), "a.b");
  EXPECT_EQ(access->certificates(0).role(), adieu::v1::ROLE_OPERATOR);
}

TEST(ReadAccess, EveryErrorNamesLineAndPath) {
  const TemporaryFile secret(kSecret);
  const std::string keys = KeyText("HS256", secret);
  const auto issuer = [&](Issuer made) {
    if (made.keys.empty()) made.keys = keys;
    return "issuers:\n" + made.Text();
  };
  const struct {
    std::string text;
    std::string message;
  } kCases[] = {
      {"", "must have tokens, issuers or certificates"},
      {"tokens: [{role: VIEWER, sha256: " + kHash + "}]", "PATH:1: tokens[0].name: is required"},
      {"tokens: [{name: A, role: VIEWER, sha256: " + kHash + "}]", "PATH:1: tokens[0].name: must be 1 to 63"},
      {"tokens:\n- name: a\n  sha256: " + kHash, "PATH:2: tokens[0].role: is required"},
      {"tokens: [{name: a, role: ROOT}]",
       "PATH:1: tokens[0].role: must be one of ROLE_VIEWER, ROLE_OPERATOR, ROLE_ADMIN, is `ROOT`"},
      {"tokens: [{name: a, role: UNSPECIFIED}]", "PATH:1: tokens[0].role: must be one of"},
      {"tokens: [{name: a, role: VIEWER}]", "PATH:1: tokens[0].sha256: is required"},
      {"tokens: [{name: a, role: VIEWER, sha256: hush}]",
       "PATH:1: tokens[0].sha256: must be the SHA-256 of the token, 64 characters of 0-9 and a-f"},
      {Token(", token: hush"),
       "PATH:1: tokens[0].token: is not a known key; known here: name, role, sha256, expire_time"},
      {Token(", expire_time: soon"), "PATH:1: tokens[0].expire_time: must be a time such as"},
      {"tokens:\n- {name: a, role: VIEWER, sha256: " + kHash +
           "}\n- {name: a, role: VIEWER, sha256: " + std::string(64, 'b') + "}",
       "PATH:3: tokens[1].name: is also the name of tokens[0]"},
      {"tokens:\n- {name: a, role: VIEWER, sha256: " + kHash +
           "}\n- {name: b, role: ADMIN, sha256: " + kHash + "}",
       "PATH:3: tokens[1].sha256: is also the sha256 of tokens[0]"},
      {issuer({.name = "S"}), "PATH:2: issuers[0].name: must be 1 to 63"},
      {issuer({.issuer = std::string(257, 'x')}), "PATH:2: issuers[0].issuer: must be at most 256 bytes"},
      {issuer({.audiences = "[" + std::string(257, 'x') + "]"}), "PATH:2: issuers[0].audiences[0]: must be"},
      {issuer({.keys = "[{file: a}]"}), "PATH:2: issuers[0].keys[0].algorithm: is required"},
      {issuer({.keys = "[{algorithm: none, file: a}]"}),
       "PATH:2: issuers[0].keys[0].algorithm: must be one of TOKEN_ALGORITHM_HS256, TOKEN_ALGORITHM_RS256, "
       "TOKEN_ALGORITHM_ES256, is `none`"},
      {issuer({.keys = "[{algorithm: HS256}]"}), "PATH:2: issuers[0].keys[0].file: is required"},
      {issuer({.keys = "[{algorithm: HS256, file: a, key: hush}]"}),
       "PATH:2: issuers[0].keys[0].key: is not a known key; known here: algorithm, file"},
      {issuer({.keys = "[{algorithm: HS256, file: /missing}]"}),
       "PATH:2: issuers[0].keys[0].file: the file `/missing` cannot be read: No such file or directory"},
      {issuer({.roles = "[{role: VIEWER}]"}), "PATH:2: issuers[0].roles[0].value: is required"},
      {issuer({.roles = "[{value: a}]"}), "PATH:2: issuers[0].roles[0].role: is required"},
      {issuer({.roles = "[{value: a, role: VIEWER}, {value: a, role: ADMIN}]"}),
       "PATH:2: issuers[0].roles[1].value: is also the value of issuers[0].roles[0]"},
      {"issuers: [{name: a, issuer: b}]",
       "PATH:1: issuers[0].audiences: is required\n"
       "PATH:1: issuers[0].keys: is required\n"
       "PATH:1: issuers[0].roles: is required"},
      {issuer({}) + Issuer{.name = "b", .keys = keys}.Text(),
       "PATH:3: issuers[1].issuer: is also the issuer of issuers[0]"},
      {"certificates: [{role: VIEWER}]", "PATH:1: certificates[0].name: is required"},
      {"certificates: [{name: a}]", "PATH:1: certificates[0].role: is required"},
      {"certificates: [{name: a, role: VIEWER}, {name: a, role: VIEWER}]",
       "PATH:1: certificates[1].name: is also the name of certificates[0]"},
  };
  for (const auto& test : kCases) {
    const std::string message = Check(test.text);
    EXPECT_THAT(message, HasSubstr(test.message)) << test.text;
    EXPECT_THAT(message, Not(HasSubstr("hush"))) << test.text;
  }
  EXPECT_EQ(Check("certificates: [{name: a, role: VIEWER}]", false),
            "PATH:1: certificates: need api.tls.client_ca_file: without it no client shows a certificate");
}

TEST(ReadAccess, KeysMustBeOfTheirAlgorithm) {
  const struct {
    const char* algorithm;
    std::string content;
    const char* why;
  } kCases[] = {
      {"HS256", std::string(31, 's'), "must have 32 to 4096 bytes"},
      {"HS256", std::string(31, 's') + "\n", "must have 32 to 4096 bytes"},
      {"HS256", std::string(4'097, 's'), "must have 32 to 4096 bytes"},
      {"HS256", std::string(4'098, 's'), "is larger than 4097 bytes"},
      {"HS256", PublicPem(MakeRsaKey()), "must be a secret, not PEM"},
      {"RS256", kSecret, "must be an RSA public key in PEM (BEGIN PUBLIC KEY)"},
      {"RS256", PublicPem(MakeEcKey()), "must be an RSA public key in PEM (BEGIN PUBLIC KEY)"},
      {"RS256", PrivatePem(MakeRsaKey()), "must be an RSA public key in PEM (BEGIN PUBLIC KEY)"},
      {"RS256", PublicPem(MakeRsaKey(1'024)), "must be an RSA key of 2048 to 8192 bits, has 1024"},
      {"ES256", PublicPem(MakeRsaKey()), "must be a public key on the curve P-256 in PEM (BEGIN PUBLIC KEY)"},
      {"ES256", PublicPem(MakeEcKey("P-384")),
       "must be a public key on the curve P-256 in PEM (BEGIN PUBLIC KEY)"},
  };
  for (const auto& test : kCases) {
    const TemporaryFile file(test.content);
    const std::string message = Check("issuers:\n" + Issuer{.keys = KeyText(test.algorithm, file)}.Text());
    EXPECT_THAT(message, EndsWith(test.why)) << test.algorithm;
    EXPECT_THAT(message, HasSubstr("PATH:2: issuers[0].keys[0].file: the file `")) << test.algorithm;
  }
}

TEST(ReadAccess, ListsAreBounded) {
  std::string tokens = "tokens:\n";
  for (int i = 0; i < 1'001; ++i) {
    std::string hash = std::to_string(i);
    hash.resize(64, 'a');
    tokens += "- {name: t" + std::to_string(i) + ", role: VIEWER, sha256: " + hash + "}\n";
  }
  EXPECT_EQ(Check(tokens), "PATH:1: tokens: must be at most 1000, are 1001");
}

TEST(ReadAccess, LoadSettingsReadsIt) {
  const TemporaryFile tokens(Token(""));
  const TemporaryFile good("api: {tokens_file: " + std::string(tokens.path()) + "}");
  const auto settings = LoadSettings({.config = good.path()});
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->access->tokens_size(), 1);
  const TemporaryFile missing("api:\n  tokens_file: /missing");
  EXPECT_EQ(LoadSettings({.config = missing.path()}).error().message,
            std::string(missing.path()) +
                ":2: api.tokens_file: /missing: cannot be read: No such file or directory");
  const TemporaryFile names("certificates: [{name: a, role: VIEWER}]");
  const TemporaryFile alone("api: {tokens_file: " + std::string(names.path()) + "}");
  EXPECT_THAT(LoadSettings({.config = alone.path()}).error().message,
              HasSubstr("need api.tls.client_ca_file"));
}

TEST(ReadAccess, TheExampleIsGood) {
  const auto path = base::SourceRoot() / "deploy/config/tokens.yaml";
  const auto access = ReadAccess(path, false);
  ASSERT_TRUE(access.ok()) << access.error().message;
  EXPECT_EQ(access->tokens_size(), 1);
}

}  // namespace
}  // namespace adieu::config
