#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/config/check.h"
#include "server/config/complete.h"
#include "server/config/settings.h"

namespace adieu::config {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// The message about a forward route with these keys beside one listener; empty: it is good.
std::string Check(const std::string& keys) {
  auto settings = ParseConfig(
      "sip: {listeners: [{name: a, address: '192.0.2.1:5060'}, {name: b, address: '[2001:db8::1]:5070'}, "
      "{name: c, address: '192.0.2.2:0'}]}\n"
      "routes: [{name: a, forward: {" +
          keys + "}}]",
      "f");
  if (!settings.ok()) return "not parsed: " + settings.error().message;
  CompleteConfig(&settings->config);
  const auto error = CheckConfig(settings->config, settings->origins);
  return error ? error->message : "";
}

std::string Credentials(const std::string& items) {
  return "targets: ['sip:h'], credentials: [" + items + "]";
}

std::string Repeat(int count, const std::string& item) {
  std::string items;
  for (int i = 0; i < count; ++i) items += (i == 0 ? "" : ", ") + item;
  return items;
}

TEST(Forward, TakesWhatIsGood) {
  const std::string kCases[] = {
      "targets: ['sip:h']",
      "targets: ['sip:u@192.0.2.9:5080;transport=tcp', 'sip:[2001:db8::9];lr']",
      "targets: [" + Repeat(16, "'sip:h'") + "]",
      // Beside our own listeners, not at them.
      "targets: ['sip:192.0.2.1:5061', 'sip:192.0.2.3', 'sip:192.0.2.2', 'sip:[2001:db8::1]']",
      "targets: ['sip:h'], no_answer_timeout: 500ms, ring_timeout: 1s",
      "targets: ['sip:h'], no_answer_timeout: 60s, ring_timeout: 3600s",
      "targets: ['sip:h'], request_uri: KEEP",
      Credentials("{realm: r, username: u, password_file: p}"),
      Credentials("{realm: r, username: u, password_file: p}, {realm: R, username: u, password_file: p}"),
      Credentials("{realm: " + std::string(256, 'r') + ", username: " + std::string(256, 'u') +
                  ", password_file: p}"),
  };
  for (const std::string& keys : kCases) EXPECT_EQ(Check(keys), "") << keys;
}

TEST(Forward, EveryErrorNamesLineAndPath) {
  const std::string forward = "f:2: routes[0].forward.";
  const std::string credential = forward + "credentials[0].";
  const std::string own = "points at this server: it is the address of sip.listeners";
  const struct {
    std::string keys;
    std::string message;
  } kCases[] = {
      {"ring_timeout: 1s", forward + "targets: is required"},
      {"targets: [" + Repeat(17, "'sip:h'") + "]", forward + "targets: must be at most 16, are 17"},
      {"targets: ['sip:h', 'tel:+4930']", forward + "targets[1]: must be a SIP URI such as sip:"},
      {"targets: ['sips:h']", forward + "targets[0]: is sips, and no calls go out over TLS in this version"},
      {"targets: ['sip:h', 'sip:h?a=b']", forward + "targets[1]: must not have headers (`?`)"},
      {"targets: ['sip:h;maddr=h']", forward + "targets[0]: may have the parameters transport=udp, "},
      {"targets: ['sip:192.0.2.1:5060']", forward + "targets[0]: " + own + "[0]"},
      {"targets: ['sip:h', 'sip:u@192.0.2.1;transport=tcp']", forward + "targets[1]: " + own + "[0]"},
      {"targets: ['sip:[::ffff:192.0.2.1]']", forward + "targets[0]: " + own + "[0]"},
      {"targets: ['sip:[2001:db8:0::1]:5070']", forward + "targets[0]: " + own + "[1]"},
      {"targets: ['sip:h'], no_answer_timeout: 499ms",
       forward + "no_answer_timeout: must be 0.5s to 60s, is 0.499s"},
      {"targets: ['sip:h'], no_answer_timeout: 60.001s",
       forward + "no_answer_timeout: must be 0.5s to 60s, is 60.001s"},
      {"targets: ['sip:h'], ring_timeout: 999ms", forward + "ring_timeout: must be 1s to 3600s, is 0.999s"},
      {"targets: ['sip:h'], ring_timeout: 3601s", forward + "ring_timeout: must be 1s to 3600s, is 3601s"},
      {Credentials("{username: u, password_file: p}"), credential + "realm: is required"},
      {Credentials("{realm: r, password_file: p}"), credential + "username: is required"},
      {Credentials("{realm: r, username: u}"), credential + "password_file: is required"},
      {Credentials("{realm: " + std::string(257, 'r') + ", username: u, password_file: p}"),
       credential + "realm: must be at most 256 bytes, is 257"},
      {Credentials("{realm: r, username: 'a\"b', password_file: p}"),
       credential +
           "username: must be at most 256 bytes without `\"`, `\\`, `:` and control characters, is "},
      {Credentials("{realm: r, username: 'a\\b', password_file: p}"),
       credential + "username: must be at most"},
      {Credentials("{realm: r, username: 'a:b', password_file: p}"),
       credential + "username: must be at most"},
      {Credentials("{realm: r, username: " + std::string(257, 'u') + ", password_file: p}"),
       credential + "username: must be at most 256 bytes"},
      {Credentials("{realm: r, username: u, password_file: p}, {realm: r, username: v, password_file: q}"),
       forward + "credentials[1].realm: is also the realm of routes[0].forward.credentials[0]"},
      {Credentials(Repeat(17, "{realm: r, username: u, password_file: p}")),
       forward + "credentials: must be at most 16, are 17"},
      {Credentials("{realm: r, username: u, password_file: p}") + ", request_uri: KEEP",
       forward + "credentials: cannot be given together with request_uri KEEP"},
  };
  for (const auto& test : kCases) {
    const std::string message = Check(test.keys);
    EXPECT_THAT(message, StartsWith(test.message)) << test.keys;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST(Forward, NoMessageShowsAPasswordInATarget) {
  EXPECT_THAT(Check("targets: ['sip:u:hidden@h']"), HasSubstr("targets[0]: has a password"));
  EXPECT_THAT(Check("targets: ['sip:u:hidden@h']"), Not(HasSubstr("hidden")));
}

// A control character cannot come from YAML.
TEST(Forward, AUsernameHasNoControlCharacters) {
  v1::Config config;
  config.add_routes()->set_name("a");
  v1::Forward& forward = *config.mutable_routes(0)->mutable_forward();
  forward.add_targets("sip:h");
  v1::Credential& credential = *forward.add_credentials();
  credential.set_realm("r");
  credential.set_username("a\r\nb");
  credential.set_password_file("p");
  CompleteConfig(&config);
  const auto error = CheckConfig(config, {});
  ASSERT_TRUE(error);
  EXPECT_THAT(error->message, StartsWith("routes[0].forward.credentials[0].username: must be at most"));
}

}  // namespace
}  // namespace adieu::config
