#include "server/config/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/config/complete.h"
#include "server/config/settings.h"

namespace adieu::config {
namespace {

using testing::HasSubstr;

// The message about a file with this text, its defaults filled in; empty: it is good.
std::string Check(const std::string& text) {
  auto settings = ParseConfig(text, "f");
  if (!settings.ok()) return "not parsed: " + settings.error().message;
  CompleteConfig(&settings->config);
  const auto error = CheckConfig(settings->config, settings->origins);
  if (!error) return "";
  EXPECT_EQ(error->reason, "CONFIG_INVALID");
  return error->message;
}

std::string Listener(const std::string& rest) { return "sip: {listeners: [{name: a, " + rest + "}]}"; }

TEST(CompleteConfig, FillsInTheDefaults) {
  v1::Config config;
  config.add_routes()->set_name("a");
  config.add_routes()->set_name("b");
  config.mutable_routes(1)->mutable_forward()->add_targets("sip:host");
  CompleteConfig(&config);
  EXPECT_FALSE(config.instance().empty());
  ASSERT_EQ(config.sip().listeners_size(), 1);
  EXPECT_EQ(config.sip().listeners(0).name(), "default");
  EXPECT_EQ(config.sip().listeners(0).address(), "127.0.0.1:5060");
  EXPECT_EQ(config.sip().listeners(0).transports_size(), 2);
  EXPECT_EQ(config.sip().allow_size(), 0);
  EXPECT_EQ(config.routes(0).park().timeout().seconds(), 180);
  EXPECT_FALSE(config.routes(1).has_park());
  EXPECT_EQ(config.routes(1).forward().request_uri(), v1::REQUEST_URI_TARGET);
  EXPECT_EQ(config.routes(1).forward().no_answer_timeout().seconds(), 4);
  EXPECT_EQ(config.routes(1).forward().ring_timeout().seconds(), 180);
  EXPECT_EQ(config.api().listen(), "127.0.0.1:50051");
  EXPECT_FALSE(config.api().insecure());
  EXPECT_EQ(config.metrics().listen(), "127.0.0.1:9464");
  EXPECT_EQ(config.store().sqlite().path(), "./adieu.db");
  EXPECT_EQ(config.limits().max_ringing(), 20'000U);
  EXPECT_EQ(config.limits().queue(), 20'000U);
  EXPECT_EQ(config.limits().workers(), 2U);
  EXPECT_EQ(config.limits().ended_calls(), 10'000U);
  EXPECT_EQ(config.limits().api_requests_per_second_per_client(), 0U);
  EXPECT_EQ(config.limits().api_watchers_per_client(), 100U);
  EXPECT_EQ(config.limits().api_streams_per_connection(), 1'000U);
  EXPECT_EQ(config.drain().ringing_after().seconds(), 0);
  EXPECT_EQ(config.drain().answered_after().seconds(), 30);
  EXPECT_EQ(config.log().level(), "info");
  EXPECT_EQ(config.log().format(), "json");
  EXPECT_FALSE(config.log().personal_data());
  EXPECT_FALSE(CheckConfig(config, {})) << CheckConfig(config, {})->message;

  v1::Config again = config;
  CompleteConfig(&again);
  EXPECT_EQ(again.SerializeAsString(), config.SerializeAsString());
}

TEST(CheckConfig, TakesWhatIsGood) {
  const std::string kCases[] = {
      "",
      Listener("address: '192.0.2.1:5060', advertise: sip.example.com"),
      Listener("address: '192.0.2.1:5060', advertise: 'sip.example.com:5060'"),
      Listener("address: '192.0.2.1:0', advertise: 203.0.113.1"),
      Listener("address: '[2001:db8::1]:5060', advertise: '2001:db8::2'"),
      Listener("address: '[2001:db8::1]:5060', advertise: '[2001:db8::2]'"),
      Listener("address: '[2001:db8::1]:5060', advertise: '[2001:db8::2]:5060'"),
      "sip: {listeners: [{name: a, address: '192.0.2.1:5061', tls: {certificate_dir: d}}]}",
      "sip: {listeners: [{name: a, address: '192.0.2.1:5061', transports: [udp]}, {name: b, address: "
      "'192.0.2.1:5061', transports: [tls], tls: {certificate_dir: d, require_client_certificate: true}}]}",
      "sip: {listeners: [{name: a, address: '192.0.2.1:0'}, {name: b, address: '192.0.2.1:0'}]}",
      "sip: {listeners: [{name: a, address: '192.0.2.1:5060', transports: [udp]}, "
      "{name: b, address: '192.0.2.1:5060', transports: [tcp]}]}",
      "sip: {allow: [192.0.2.0/24, '2001:db8::/32', 0.0.0.0/0, 192.0.2.7/32]}",
      "routes: [{name: a, park: {timeout: 1s}}, {name: b, park: {timeout: 3600s}}]",
      "api: {listen: '127.9.9.9:1'}",
      "api: {listen: '[::1]:1'}",
      "api: {listen: '[::ffff:127.0.0.1]:1'}",
      "api: {listen: 'localhost:0'}",
      "api: {listen: 'unix:adieu.sock'}",
      "api: {listen: '0.0.0.0:50051', insecure: true}",
      "api: {listen: 'adieu.example.com:50051', insecure: true}",
      "api: {listen: '0.0.0.0:50051', insecure: true, tokens_file: a}",
      "api: {listen: '0.0.0.0:50051', insecure: true, tls: {certificate_file: a, private_key_file: b}}",
      "api: {listen: '0.0.0.0:50051', tls: {certificate_file: a, private_key_file: b}, tokens_file: c}",
      "api: {listen: '0.0.0.0:50051', tls: {certificate_file: a, private_key_file: b, client_ca_file: c}}",
      "api: {listen: '127.0.0.1:50051', tls: {certificate_file: a, private_key_file: b}}",
      "api: {listen: '127.0.0.1:50051', tokens_file: a}",
      "metrics: {listen: '0.0.0.0:9464'}",
      "api: {listen: '127.0.0.1:0'}\nmetrics: {listen: '127.0.0.1:0'}",
      "limits: {ended_calls: 0, workers: 64, queue: 1000000, max_ringing: 1}",
      "limits: {api_requests_per_second_per_client: 1000000, api_watchers_per_client: 1000, "
      "api_streams_per_connection: 100000}",
      "drain: {ringing_after: 3600s, answered_after: 0s}",
  };
  for (const std::string& text : kCases) EXPECT_EQ(Check(text), "") << text;
}

TEST(CheckConfig, EveryErrorNamesLineAndPath) {
  const std::string address = "f:1: sip.listeners[0].address: ";
  const std::string advertise = "f:1: sip.listeners[0].advertise: ";
  const struct {
    std::string text;
    std::string message;
  } kCases[] = {
      {"instance: Adieu", "f:1: instance: must be 1 to 63 characters of a-z, 0-9 and `-`, is `Adieu`"},
      {"instance: " + std::string(64, 'a'), "f:1: instance: must be 1 to 63 characters"},
      {"sip:\n  listeners:\n    - address: 192.0.2.1:5060", "f:3: sip.listeners[0].name: is required"},
      {"sip: {listeners: [{name: a b, address: '192.0.2.1:1'}]}",
       "f:1: sip.listeners[0].name: must be 1 to 63"},
      {"sip: {listeners: [{name: a}]}", address + "is required"},
      {Listener("address: 192.0.2.1"), address + "must be an IP address and a port such as 192.0.2.1:5060 or "
                                                 "[2001:db8::1]:5060, is `192.0.2.1`"},
      {Listener("address: 'localhost:5060'"), address + "must be an IP address and a port"},
      {Listener("address: '192.0.2.1:65536'"), address + "must be an IP address and a port"},
      {Listener("address: '2001:db8::1'"), address + "must be an IP address and a port"},
      {Listener("address: '[fe80::1%eth0]:5060'"), address + "must be an IP address and a port"},
      {Listener("address: '0.0.0.0:5060'"), address + "must be one address of this machine, is the wildcard"},
      {Listener("address: '[::]:5060'"), address + "must be one address of this machine, is the wildcard"},
      {Listener("address: '[::ffff:0.0.0.0]:5060'"),
       address + "must be one address of this machine, is the wildcard"},
      {Listener("address: '224.0.0.1:5060'"),
       address + "must be one address of this machine, is the multicast"},
      {Listener("address: '192.0.2.1:1', transports: [sctp]"),
       "f:1: sip.listeners[0].transports[0]: must be udp, tcp or tls, is `sctp`"},
      {Listener("address: '192.0.2.1:1', transports: [UDP]"),
       "transports[0]: must be udp, tcp or tls, is `UDP`"},
      {Listener("address: '192.0.2.1:1', transports: [udp, udp]"), "transports[1]: is given twice"},
      {Listener("address: '192.0.2.1:1', transports: [tls]"),
       "f:1: sip.listeners[0].tls.certificate_dir: is required"},
      {Listener("address: '192.0.2.1:1', tls: {}"), "f:1: sip.listeners[0].tls.certificate_dir: is required"},
      {Listener("address: '192.0.2.1:1', transports: [udp], tls: {certificate_dir: d}"),
       "f:1: sip.listeners[0].tls: needs the transport tls"},
      {Listener("address: '192.0.2.1:1', transports: [tcp, tls], tls: {certificate_dir: d}"),
       "f:1: sip.listeners[0].transports: must be tls alone"},
      {"sip:\n  listeners:\n  - {name: a, address: '192.0.2.1:1', transports: [tcp]}\n"
       "  - {name: b, address: '192.0.2.1:1', tls: {certificate_dir: d}}",
       "f:4: sip.listeners[1].address: is also the tcp address of sip.listeners[0]"},
      {Listener("address: '192.0.2.1:5060', advertise: 'sip.example.com:5070'"),
       advertise + "must have no port or the listener's own, is `sip.example.com:5070`"},
      {Listener("address: '192.0.2.1:0', advertise: 'sip.example.com:5060'"),
       advertise + "must have no port"},
      {Listener("address: '192.0.2.1:1', advertise: 'a b'"),
       advertise + "must be a host name or an IP address"},
      {Listener("address: '192.0.2.1:1', advertise: 'a;maddr=b'"), advertise + "must be a host name"},
      {Listener("address: '192.0.2.1:1', advertise: '0.0.0.0'"), advertise + "must be a host name"},
      {Listener("address: '192.0.2.1:1', advertise: '[192.0.2.1]'"), advertise + "must be a host name"},
      {"sip:\n  listeners:\n  - {name: a, address: '192.0.2.1:1'}\n  - {name: a, address: '192.0.2.1:2'}",
       "f:4: sip.listeners[1].name: is also the name of sip.listeners[0]"},
      {"sip:\n  listeners:\n  - {name: a, address: '192.0.2.1:1'}\n  - {name: b, address: '192.0.2.1:1'}",
       "f:4: sip.listeners[1].address: is also the udp address of sip.listeners[0]"},
      {"sip:\n  listeners:\n  - {name: a, address: '192.0.2.1:1', transports: [tcp]}\n"
       "  - {name: b, address: '[::ffff:192.0.2.1]:1'}",
       "f:4: sip.listeners[1].address: is also the tcp address of sip.listeners[0]"},
      {"sip: {allow: [192.0.2.1]}",
       "f:1: sip.allow[0]: must be a network such as 192.0.2.0/24 or 2001:db8::/32, is "
       "`192.0.2.1`; for one address write 192.0.2.1/32"},
      {"sip: {allow: [host/8]}", "f:1: sip.allow[0]: must be a network"},
      {"sip: {allow: [192.0.2.0/33]}", "f:1: sip.allow[0]: must be a network"},
      {"sip: {allow: [192.0.2.1/24]}",
       "f:1: sip.allow[0]: has bits set after its prefix: write 192.0.2.0/24"},
      {"routes: [{park: {}}]", "f:1: routes[0].name: is required"},
      {"routes:\n- name: a\n- name: a", "f:3: routes[1].name: is also the name of routes[0]"},
      {"routes: [{name: a, park: {timeout: 0s}}]", "f:1: routes[0].park.timeout: must be 1s to 3600s, is 0s"},
      {"routes:\n- name: a\n  park:\n    timeout: 3600.5s",
       "f:4: routes[0].park.timeout: must be 1s to 3600s, is 3600.5s"},
      {"routes: [{name: a, labels: {Team: b}}]",
       "f:1: routes[0].labels.Team: the key must be 1 to 63 characters of a-z, 0-9, `_` and `-`"},
      {"routes: [{name: a, labels: {'': b}}]", "f:1: routes[0].labels.: the key must be 1 to 63"},
      {"routes: [{name: a, labels: {a: " + std::string(257, 'x') + "}}]",
       "f:1: routes[0].labels.a: must be at most 256 bytes, is 257"},
      {"routes: [{name: a, label_headers: {a: 'X Y'}}]",
       "f:1: routes[0].label_headers.a: must be the name of a header, at most 64 bytes, is `X Y`"},
      {"routes: [{name: a, label_headers: {a: proxy-Authorization}}]",
       "f:1: routes[0].label_headers.a: must not be proxy-Authorization, which never leaves the server"},
      {"routes: [{name: a, label_headers: {\"a\\e[2J\": X-K}}]",
       "f:1: routes[0].label_headers.a?[2J: the key must be 1 to 63 characters of a-z, 0-9, `_` and `-`"},
      {"routes: [{name: a, label_headers: {\"a\\N\": X-K}}]",
       "f:1: routes[0].label_headers.a?: the key must be 1 to 63 characters of a-z, 0-9, `_` and `-`"},
      {"routes: [{name: a, labels: {k: v}, label_headers: {k: X-K}}]",
       "f:1: routes[0].label_headers.k: is also in labels"},
      {"api:\n  listen: 0.0.0.0:50051",
       "f:2: api.listen: is not a loopback address: give api.tls, or api.insecure or --insecure-api to serve "
       "plaintext on `0.0.0.0:50051`"},
      {"api: {listen: '0.0.0.0:50051', tokens_file: a}",
       "f:1: api.listen: is not a loopback address: give api.tls, or api.insecure"},
      {"api: {listen: '0.0.0.0:50051', tls: {certificate_file: a, private_key_file: b}}",
       "f:1: api.listen: is not a loopback address: give api.tokens_file or api.tls.client_ca_file, or "
       "api.insecure or --insecure-api to make an admin of whoever reaches `0.0.0.0:50051`"},
      {"api: {tls: {private_key_file: b}}", "f:1: api.tls.certificate_file: is required"},
      {"api: {tls: {certificate_file: a}}", "f:1: api.tls.private_key_file: is required"},
      {"api: {listen: '[::]:50051'}", "f:1: api.listen: is not a loopback address"},
      {"api: {listen: '192.0.2.1:50051'}", "f:1: api.listen: is not a loopback address"},
      {"api: {listen: 'localhost.example.com:1'}", "f:1: api.listen: is not a loopback address"},
      {"api: {listen: '50051'}", "f:1: api.listen: must be host:port such as"},
      {"api: {listen: ':50051'}", "f:1: api.listen: must be host:port such as"},
      {"api: {listen: 'unix:'}", "f:1: api.listen: must have a path of 1 to 107 bytes after `unix:`, has 0"},
      {"api: {listen: 'unix:" + std::string(108, 'a') + "'}",
       "f:1: api.listen: must have a path of 1 to 107 bytes"},
      {"metrics: {listen: 'unix:a'}", "f:1: metrics.listen: must be host:port such as"},
      {"metrics: {listen: '127.0.0.1:1,127.0.0.1:2'}", "f:1: metrics.listen: must be host:port such as"},
      {"metrics: {listen: '127.0.0.1:50051'}", "f:1: metrics.listen: is also the address of api.listen"},
      {"store: {sqlite: {path: ':memory:'}}",
       "f:1: store.sqlite.path: must be the path of a file; for a store in memory give store.memory"},
      {"limits: {invites_per_second: 1000001}",
       "f:1: limits.invites_per_second: must be 0 to 1000000, is 1000001"},
      {"drain: {redirect: 'sips:a.example'}", "f:1: drain.redirect: "},
      {"drain: {redirect: 'sip:bob@a.example'}", "f:1: drain.redirect: must have no user part"},
      {"drain: {redirect: 'sip:127.0.0.1'}",
       "f:1: drain.redirect: points at this server: it is the address of sip.listeners[0]"},
      {"limits: {max_ringing: 0}", "f:1: limits.max_ringing: must be 1 to 1000000, is 0"},
      {"limits: {max_ringing: 1000001}", "f:1: limits.max_ringing: must be 1 to 1000000, is 1000001"},
      {"limits: {queue: 0}", "f:1: limits.queue: must be 1 to 1000000, is 0"},
      {"limits: {workers: 0}", "f:1: limits.workers: must be 1 to 64, is 0"},
      {"limits: {workers: 65}", "f:1: limits.workers: must be 1 to 64, is 65"},
      {"limits: {ended_calls: 1000001}", "f:1: limits.ended_calls: must be 0 to 1000000, is 1000001"},
      {"limits: {api_requests_per_second_per_client: 1000001}",
       "f:1: limits.api_requests_per_second_per_client: must be 0 to 1000000, is 1000001"},
      {"limits: {api_watchers_per_client: 0}",
       "f:1: limits.api_watchers_per_client: must be 1 to 1000, is 0"},
      {"limits: {api_streams_per_connection: 0}",
       "f:1: limits.api_streams_per_connection: must be 1 to 100000, is 0"},
      {"drain: {ringing_after: 3601s}", "f:1: drain.ringing_after: must be 0s to 3600s, is 3601s"},
      {"drain: {answered_after: 3601s}", "f:1: drain.answered_after: must be 0s to 3600s, is 3601s"},
      {"log: {level: loud}", "f:1: log.level: must be debug, info, warn or error, is `loud`"},
      {"log: {format: xml}", "f:1: log.format: must be json or text, is `xml`"},
  };
  for (const auto& test : kCases) {
    const std::string message = Check(test.text);
    EXPECT_THAT(message, HasSubstr(test.message)) << test.text;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST(CheckConfig, ListsAreBounded) {
  std::string listeners = "sip:\n  listeners:\n";
  for (int i = 0; i < 17; ++i) {
    listeners +=
        "  - {name: l" + std::to_string(i) + ", address: '192.0.2.1:" + std::to_string(i + 1) + "'}\n";
  }
  EXPECT_EQ(Check(listeners), "f:2: sip.listeners: must be at most 16");
  std::string routes = "routes:\n";
  for (int i = 0; i < 1001; ++i) routes += "- name: r" + std::to_string(i) + "\n";
  EXPECT_EQ(Check(routes), "f:1: routes: must be at most 1000");
  std::string labels = "routes:\n- name: a\n  labels:\n";
  for (int i = 0; i < 33; ++i) labels += "    k" + std::to_string(i) + ": v\n";
  EXPECT_EQ(Check(labels), "f:3: routes[0].labels: must be at most 32 together with label_headers, are 33");
  std::string networks = "sip:\n  allow:\n";
  for (int i = 0; i < 1025; ++i) networks += "  - 192.0.2.1/32\n";
  EXPECT_EQ(Check(networks), "f:2: sip.allow: must be at most 1024 networks");
}

}  // namespace
}  // namespace adieu::config
