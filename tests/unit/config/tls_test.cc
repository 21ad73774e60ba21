#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "server/config/read_tls.h"
#include "server/config/settings.h"
#include "tests/unit/config/keys.h"
#include "tests/unit/config/temporary_file.h"

namespace adieu::config {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const Key& TheKey() {
  static const Key key = MakeEcKey();
  return key;
}

v1::ApiTls Tls(const TemporaryFile& certificate, const TemporaryFile& key) {
  v1::ApiTls tls;
  tls.set_certificate_file(certificate.path());
  tls.set_private_key_file(key.path());
  return tls;
}

TEST(ReadTls, TakesAChainAndItsKey) {
  const std::string chain =
      CertificatePem(TheKey(), std::chrono::hours(2)) + CertificatePem(MakeEcKey(), std::chrono::hours(1));
  const TemporaryFile certificate("A comment.\n" + chain);
  const TemporaryFile key(PrivatePem(TheKey()));
  const TemporaryFile cas(CertificatePem(MakeRsaKey()) + CertificatePem(MakeEcKey()));
  auto tls = Tls(certificate, key);
  tls.set_client_ca_file(cas.path());
  const auto files = ReadTls(tls, {});
  ASSERT_TRUE(files.ok()) << files.error().message;
  EXPECT_THAT(files->certificates, EndsWith(chain));
  EXPECT_EQ(files->private_key, PrivatePem(TheKey()));
  EXPECT_THAT(files->client_cas, StartsWith("-----BEGIN CERTIFICATE"));
  const auto left = files->end - std::chrono::system_clock::now();
  EXPECT_LE(left, std::chrono::hours(1));
  EXPECT_GT(left, std::chrono::minutes(50));
}

TEST(ReadTls, WhatIsOverIsToldByItsEnd) {
  const TemporaryFile certificate(CertificatePem(TheKey(), -std::chrono::minutes(1)));
  const TemporaryFile key(PrivatePem(TheKey()));
  const auto files = ReadTls(Tls(certificate, key), {});
  ASSERT_TRUE(files.ok()) << files.error().message;
  EXPECT_LT(files->end, std::chrono::system_clock::now());
}

TEST(ReadTls, SaysWhichFileIsNoGoodAndShowsNothing) {
  const std::string good = CertificatePem(TheKey());
  const std::string secret = PrivatePem(TheKey());
  const struct {
    std::string certificate;
    std::string key;
    std::string cas;
    const char* field;
    const char* why;
  } kCases[] = {
      {"", secret, good, "api.tls.certificate_file", "has no certificate in PEM"},
      {secret, secret, good, "api.tls.certificate_file", "has no certificate in PEM"},
      {good.substr(0, 200), secret, good, "api.tls.certificate_file",
       "has a certificate that cannot be read"},
      {good + good.substr(0, 200), secret, good, "api.tls.certificate_file",
       "has a certificate that cannot be read"},
      {good, "", good, "api.tls.private_key_file", "has no private key in PEM, or one with a passphrase"},
      {good, PrivatePem(TheKey(), "hush"), good, "api.tls.private_key_file",
       "has no private key in PEM, or one with a passphrase"},
      {good, PrivatePem(MakeEcKey()), good, "api.tls.private_key_file",
       "is not the key of the first certificate"},
      {good, secret, "x", "api.tls.client_ca_file", "has no certificate in PEM"},
      {good, secret, std::string(1'048'577, 'x'), "api.tls.client_ca_file", "is larger than 1048576 bytes"},
  };
  for (const auto& test : kCases) {
    const TemporaryFile certificate(test.certificate);
    const TemporaryFile key(test.key);
    const TemporaryFile cas(test.cas);
    auto tls = Tls(certificate, key);
    tls.set_client_ca_file(cas.path());
    const auto files = ReadTls(tls, {});
    ASSERT_FALSE(files.ok()) << test.why;
    EXPECT_EQ(files.error().reason, "CONFIG_INVALID");
    EXPECT_THAT(files.error().message, StartsWith(std::string(test.field) + ": the file `"));
    EXPECT_THAT(files.error().message, EndsWith(test.why));
    EXPECT_THAT(files.error().message, Not(HasSubstr("BEGIN")));
  }
}

TEST(ReadTls, LoadSettingsReadsThem) {
  const TemporaryFile certificate(CertificatePem(TheKey()));
  const TemporaryFile key(PrivatePem(TheKey()));
  const std::string certificate_file = certificate.path();
  const TemporaryFile good("api:\n  tls:\n    certificate_file: " + certificate_file +
                           "\n    private_key_file: " + key.path());
  const auto settings = LoadSettings({.config = good.path()});
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->tls->private_key, PrivatePem(TheKey()));
  EXPECT_TRUE(settings->tls->client_cas.empty());
  const TemporaryFile bad("api:\n  tls:\n    certificate_file: " + certificate_file +
                          "\n    private_key_file: /missing");
  EXPECT_EQ(
      LoadSettings({.config = bad.path()}).error().message,
      std::string(bad.path()) +
          ":4: api.tls.private_key_file: the file `/missing` cannot be read: No such file or directory");
}

}  // namespace
}  // namespace adieu::config
