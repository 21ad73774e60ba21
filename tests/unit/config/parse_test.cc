#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <string>

#include "server/config/settings.h"
#include "server/config/yaml_tree.h"

namespace adieu::config {
namespace {

using testing::HasSubstr;

TEST(ParseConfig, ReadsEveryKeyThatIsBuilt) {
  const auto settings = ParseConfig(R"(
instance: adieu-1
sip:
  listeners:
    - name: inside
      address: 192.0.2.1:5060
      transports: [udp]
      advertise: sip.example.com
    - {name: v6, address: "[2001:db8::1]:5060"}
  allow: [192.0.2.0/24]
routes:
  - name: sales
    match:
      all_of:
        matches:
          - state: RINGING
          - state: CALL_STATE_RINGING
          - to_uri: {prefix: "sip:+4930", ignore_case: true}
          - far_end_status: {min: 400, max: 499}
          - min_age: 1.5s
          - from_uri: {exact: ""}
          - every_call: {}
    labels: {team: sales, octal: 0123, yes: "yes"}
    label_headers: {account: X-Account}
    park: {timeout: 500ms}
  - name: trunk
    forward:
      targets: [sip:192.0.2.9, "sip:b@[2001:db8::9]:5080;transport=tcp"]
      request_uri: TARGET
      no_answer_timeout: 500ms
      ring_timeout: 60s
      credentials:
        - {realm: r, username: u, password_file: /run/secrets/trunk}
  - {name: kept, forward: {targets: [sip:a], request_uri: keep}}
  - {name: long, forward: {targets: [sip:a], request_uri: Request_Uri_Keep}}
api: {listen: "unix:/run/adieu.sock", insecure: true}
metrics: {listen: 127.0.0.1:0}
store: {memory: {}}
limits: {max_ringing: 1, queue: 2, workers: 3, ended_calls: 0}
drain: {ringing_after: 0s, answered_after: 1.25s}
log: {level: debug, format: text, personal_data: true}
)",
                                    "f.yaml");
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  const v1::Config& config = settings->config;
  EXPECT_EQ(config.instance(), "adieu-1");
  ASSERT_EQ(config.sip().listeners_size(), 2);
  EXPECT_EQ(config.sip().listeners(0).transports(0), "udp");
  EXPECT_EQ(config.sip().listeners(0).advertise(), "sip.example.com");
  EXPECT_EQ(config.sip().listeners(1).address(), "[2001:db8::1]:5060");
  EXPECT_EQ(config.sip().allow(0), "192.0.2.0/24");
  const v1::Route& route = config.routes(0);
  const auto& matches = route.match().all_of().matches();
  ASSERT_EQ(matches.size(), 7);
  EXPECT_EQ(matches[0].state(), adieu::v1::CALL_STATE_RINGING);
  EXPECT_EQ(matches[1].state(), adieu::v1::CALL_STATE_RINGING);
  EXPECT_EQ(matches[2].to_uri().prefix(), "sip:+4930");
  EXPECT_TRUE(matches[2].to_uri().ignore_case());
  EXPECT_EQ(matches[3].far_end_status().max(), 499);
  EXPECT_EQ(matches[4].min_age().seconds(), 1);
  EXPECT_EQ(matches[4].min_age().nanos(), 500'000'000);
  EXPECT_TRUE(matches[5].from_uri().has_exact());
  EXPECT_TRUE(matches[6].has_every_call());
  EXPECT_EQ(route.labels().at("octal"), "0123");
  EXPECT_EQ(route.labels().at("yes"), "yes");
  EXPECT_EQ(route.label_headers().at("account"), "X-Account");
  EXPECT_EQ(route.park().timeout().nanos(), 500'000'000);
  const v1::Forward& forward = config.routes(1).forward();
  ASSERT_EQ(forward.targets_size(), 2);
  EXPECT_EQ(forward.targets(1), "sip:b@[2001:db8::9]:5080;transport=tcp");
  EXPECT_EQ(forward.request_uri(), v1::REQUEST_URI_TARGET);
  EXPECT_EQ(forward.no_answer_timeout().nanos(), 500'000'000);
  EXPECT_EQ(forward.ring_timeout().seconds(), 60);
  ASSERT_EQ(forward.credentials_size(), 1);
  EXPECT_EQ(forward.credentials(0).realm(), "r");
  EXPECT_EQ(forward.credentials(0).username(), "u");
  EXPECT_EQ(forward.credentials(0).password_file(), "/run/secrets/trunk");
  EXPECT_EQ(forward.credentials(0).password(), "");
  EXPECT_EQ(config.routes(2).forward().request_uri(), v1::REQUEST_URI_KEEP);
  EXPECT_EQ(config.routes(3).forward().request_uri(), v1::REQUEST_URI_KEEP);
  EXPECT_EQ(config.api().listen(), "unix:/run/adieu.sock");
  EXPECT_TRUE(config.api().insecure());
  EXPECT_TRUE(config.store().has_memory());
  EXPECT_TRUE(config.limits().has_ended_calls());
  EXPECT_EQ(config.limits().workers(), 3U);
  EXPECT_EQ(config.drain().answered_after().nanos(), 250'000'000);
  EXPECT_TRUE(config.log().personal_data());
  EXPECT_EQ(settings->origins.Find("routes[0].park.timeout"), "f.yaml:25");
  EXPECT_EQ(settings->origins.Find("routes[0].park.unknown"), "f.yaml:25");
  EXPECT_EQ(settings->origins.Find("sip.listeners[1].name"), "f.yaml:9");
}

TEST(ParseConfig, NothingIsAnEmptyConfiguration) {
  for (const std::string text : {"", "\n", "# a comment\n", "---\n", "{}", "\xef\xbb\xbf{}"}) {
    const auto settings = ParseConfig(text, "f");
    ASSERT_TRUE(settings.ok()) << settings.error().message;
    EXPECT_EQ(settings->config.ByteSizeLong(), 0U);
  }
}

struct BadText {
  std::string text;
  std::string message;
};

TEST(ParseConfig, EveryErrorNamesLineAndPath) {
  const BadText kCases[] = {
      {"instanc: a",
       "f:1: instanc: is not a known key; known here: instance, sip, routes, policies, api, metrics, store, "
       "limits, drain, log"},
      {"\nroutes:\n  - name: a\n    park: {timout: 1s}",
       "f:4: routes[0].park.timout: is not a known key; known here: timeout"},
      {"sip:\n  listeners:\n    - tls: {agent_pem: x}",
       "f:3: sip.listeners[0].tls.agent_pem: is not a known key"},
      {"blocking: {contact: a}", "f:1: blocking: is not built yet in this version"},
      {"blocking: {}", "f:1: blocking: is not built yet in this version"},
      {"store: {redis: {url: a}}", "f:1: store.redis: is not built yet in this version"},
      {"api: {tls: {key_file: a}}",
       "f:1: api.tls.key_file: is not a known key; known here: "
       "certificate_file, private_key_file, client_ca_file"},
      {"routes: [{forward: {request_uri: CHANGE}}]",
       "f:1: routes[0].forward.request_uri: must be one of REQUEST_URI_TARGET, REQUEST_URI_KEEP, is "
       "`CHANGE`"},
      {"routes: [{forward: {request_uri: UNSPECIFIED}}]",
       "f:1: routes[0].forward.request_uri: must be one of"},
      {"routes: [{forward: {targets: 'sip:a'}}]",
       "f:1: routes[0].forward.targets: must be a list, is a single value"},
      {"routes:\n- park: {}\n  forward: {}",
       "f:3: routes[0].forward: cannot be given together with routes[0].park"},
      {"instance: a\n\ninstance: b", "f:3: instance: is given twice, first in line 1"},
      {"routes: [{labels: {a: b, a: c}}]", "f:1: routes[0].labels.a: is given twice, first in line 1"},
      {"store:\n  memory: {}\n  sqlite: {}", "f:3: store.sqlite: cannot be given together with store.memory"},
      {"routes: [{match: {from_uri: {exact: a, prefix: b}}}]",
       "f:1: routes[0].match.from_uri.prefix: cannot be given together with routes[0].match.from_uri.exact"},
      {"- a", "f:1: must be a map of keys, is a list"},
      {"text", "f:1: must be a map of keys, is a single value"},
      {"sip: text", "f:1: sip: must be a map, is a single value"},
      {"sip:", "f:1: sip: has no value"},
      {"sip: ~", "f:1: sip: has no value"},
      {"sip: null", "f:1: sip: has no value"},
      {"sip: {listeners: {}}", "f:1: sip.listeners: must be a list, is a map"},
      {"sip: {allow: []}", "f:1: sip.allow: is an empty list; leave the key out for its default"},
      {"sip: {allow: [\"\"]}", "f:1: sip.allow[0]: is empty; leave the key out for its default"},
      {"sip:\n  allow:\n    - a\n    -", "f:4: sip.allow[1]: has no value"},
      {"instance: [a]", "f:1: instance: must be a text, is a list"},
      {"instance: {a: b}", "f:1: instance: must be a text, is a map"},
      {"instance: ''", "f:1: instance: is empty; leave the key out for its default"},
      {"routes: [{labels: [a]}]", "f:1: routes[0].labels: must be a map, is a list"},
      {"routes: [{labels: {a: [b]}}]", "f:1: routes[0].labels.a: must be a text, is a list"},
      {"api: {insecure: yes}", "f:1: api.insecure: must be true or false, is `yes`"},
      {"api: {insecure: \"true\"}", "f:1: api.insecure: must be true or false, is `true`"},
      {"api: {insecure: 1}", "f:1: api.insecure: must be true or false, is `1`"},
      {"api: {insecure: []}", "f:1: api.insecure: must be true or false, is a list"},
      {"routes: [{park: {timeout: 180}}]",
       "f:1: routes[0].park.timeout: must be a duration such as 180s, 1.5s or 500ms, is `180`"},
      {"routes: [{park: {timeout: -1s}}]",
       "f:1: routes[0].park.timeout: must be a duration such as 180s, 1.5s or 500ms, is `-1s`"},
      {"routes: [{park: {timeout: {seconds: 1}}}]",
       "f:1: routes[0].park.timeout: must be a duration, is a map"},
      {"routes: [{match: {state: HUMMING}}]",
       "f:1: routes[0].match.state: must be one of CALL_STATE_RINGING, CALL_STATE_ANSWERED, "
       "CALL_STATE_TERMINATING, "
       "CALL_STATE_TERMINATED, is `HUMMING`"},
      {"routes: [{match: {state: UNSPECIFIED}}]", "f:1: routes[0].match.state: must be one of"},
      {"routes: [{match: {state: 1}}]", "f:1: routes[0].match.state: must be one of"},
      {"routes: [{match: {far_end_status: {min: 4294967296}}}]",
       "f:1: routes[0].match.far_end_status.min: must be -2147483648 to 2147483647, is `4294967296`"},
      {"a:\n  ? [b]\n  : c", "f:1: a: is not a known key"},
      {"? [b]\n: c", "f:1: line 1: a key must be a text"},
      {"~: c", "f:1: line 1: a key must be a text"},
  };
  for (const auto& test : kCases) {
    const auto settings = ParseConfig(test.text, "f");
    ASSERT_FALSE(settings.ok()) << test.text;
    EXPECT_EQ(settings.error().code == absl::StatusCode::kInvalidArgument, true) << test.text;
    EXPECT_EQ(settings.error().reason, "CONFIG_INVALID") << test.text;
    EXPECT_THAT(settings.error().message, testing::StartsWith(test.message)) << test.text;
    EXPECT_THAT(settings.error().message, Not(HasSubstr("\n"))) << test.text;
    EXPECT_EQ(settings.error().violations.size(), 1U) << test.text;
  }
}

TEST(ParseConfig, ASecretIsNoKey) {
  const auto settings = ParseConfig("routes: [{forward: {credentials: [{password: hush}]}}]", "f");
  ASSERT_FALSE(settings.ok());
  EXPECT_EQ(
      settings.error().message,
      "f:1: routes[0].forward.credentials[0].password: is not a known key; known here: realm, username, "
      "password_file");
}

TEST(ParseConfig, NumbersAreDecimalAndInRange) {
  for (const std::string text : {"010",
                                 "0x10",
                                 "0o10",
                                 "1e3",
                                 "1_000",
                                 "+5",
                                 "1.0",
                                 ".nan",
                                 ".inf",
                                 "-.inf",
                                 "NaN",
                                 "1:30",
                                 "'5'",
                                 "5 s",
                                 "\xd9\xa5",
                                 "4294967296",
                                 "-1",
                                 "18446744073709551616",
                                 "99999999999999999999999999",
                                 "true",
                                 "!!int 5"}) {
    const auto settings = ParseConfig("limits:\n  queue: " + text, "f");
    ASSERT_FALSE(settings.ok()) << text;
    EXPECT_THAT(settings.error().message, HasSubstr("f:2: limits.queue: ")) << text;
  }
  const auto largest = ParseConfig("limits: {queue: 4294967295}", "f");
  ASSERT_TRUE(largest.ok());
  EXPECT_EQ(largest->config.limits().queue(), 4294967295U);
}

TEST(ParseConfig, YamlTrapsAreRefused) {
  const BadText kCases[] = {
      {"instance: &a b", "f:1: instance: anchors (`&name`) are not taken"},
      {"sip: &a {}\nroutes: [{park: *a}]", "f:1: sip: anchors (`&name`) are not taken"},
      {"sip: &a {}\nroutes: [{park: *a}]", "f:2: routes[0].park: aliases (`*name`) are not taken"},
      {"api:\n  <<: {insecure: true}", "f:2: api.<<: is not a known key"},
      {"instance: !!str 5", "f:1: instance: tags (`!name`) are not taken"},
      {"instance: !secret 5", "f:1: instance: tags (`!name`) are not taken"},
      {"sip: !!map {}", "f:1: sip: tags (`!name`) are not taken"},
      {"!!str instance: a", "f:1: line 1: a key must be a text; tags (`!name`) are not taken"},
      {"instance: a\n---\ninstance: b", "f:3: is more than one document"},
      {"instance: a\n---\n", "is more than one document"},
      {"instance: \"\\ud800\"", "f:1: is not YAML: "},
      {"instance: \"a\\\x1b\"", "f:1: is not YAML: unknown escape character: ?"},
      {"instance: \"a\\nb\"", "f:1: instance: has a control character or is not UTF-8"},
      {"instance: \"a\\0b\"", "f:1: instance: has a control character or is not UTF-8"},
      {"a: b\ninstance: \xff", "f:2: is not UTF-8 text"},
      {"instance: \xed\xa0\x80", "f:1: is not UTF-8 text"},
      {std::string("instance: a\0", 12), "f:1: is not UTF-8 text"},
      {"a: [b", "f:1: is not YAML: "},
      {"a: b\n\tc: d", "f:2: is not YAML: "},
      {"instance: *nothing", "f:1: is not YAML: "},
      {"a: b: c", "f:1: is not YAML: "},
      {std::string(600, '['), "is not YAML: "},
      {"instance: " + std::string(5000, 'a'), "f:1: instance: is longer than 4096 bytes"},
      {std::string(kMaxYamlBytes + 1, '#'), "f:1: is larger than 1048576 bytes"},
      {"? " + std::string(5000, 'a'), "f:1: aaaa"},
  };
  for (const auto& test : kCases) {
    const auto settings = ParseConfig(test.text, "f");
    ASSERT_FALSE(settings.ok()) << test.text.substr(0, 100);
    EXPECT_THAT(settings.error().message, HasSubstr(test.message)) << test.text.substr(0, 100);
    EXPECT_LT(settings.error().message.size(), 1000U);
  }
}

TEST(ParseConfig, TellsEveryProblemUpToTwenty) {
  const auto three = ParseConfig("a: 1\ninstance: []\nb: 2", "f");
  ASSERT_FALSE(three.ok());
  ASSERT_EQ(three.error().violations.size(), 3U);
  EXPECT_EQ(three.error().violations[1].field, "instance");
  EXPECT_EQ(three.error().violations[1].description, "must be a text, is a list");

  std::string many;
  for (int i = 0; i < 30; ++i) many += "k" + std::to_string(i) + ": 1\n";
  const auto thirty = ParseConfig(many, "f");
  ASSERT_FALSE(thirty.ok());
  EXPECT_THAT(thirty.error().message, HasSubstr("\nand 10 more"));
}

}  // namespace
}  // namespace adieu::config
