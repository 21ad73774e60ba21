#include "server/base/address.h"

#include <gtest/gtest.h>

namespace adieu::base {
namespace {

TEST(Address, ParsesHostAndPort) {
  const struct {
    std::string text;
    std::string host;  // Empty: refused.
    int port;
  } kCases[] = {
      {"192.0.2.1:5060", "192.0.2.1", 5060},
      {"[2001:db8::1]:5060", "2001:db8::1", 5060},
      {"localhost:0", "localhost", 0},
      {"host:65535", "host", 65535},
      {"host:65536", "", 0},
      {"host:-1", "", 0},
      {"host:05060", "", 0},
      {"host:", "", 0},
      {":5060", "", 0},
      {"host", "", 0},
      {"2001:db8::1:5060", "", 0},
      {"[2001:db8::1]", "", 0},
      {"[192.0.2.1]:5060", "", 0},
      {"[]:5060", "", 0},
      {"[2001:db8::1:5060", "", 0},
      {"host:5060 ", "", 0},
      {"", "", 0},
      {":", "", 0},
  };
  for (const auto& test : kCases) {
    const auto parsed = ParseHostPort(test.text);
    EXPECT_EQ(parsed.has_value(), !test.host.empty()) << test.text;
    if (!parsed) continue;
    EXPECT_EQ(parsed->host, test.host) << test.text;
    EXPECT_EQ(parsed->port, test.port) << test.text;
  }
}

TEST(Address, ParsesAndFormatsIp) {
  const struct {
    std::string text;
    std::string formatted;  // Empty: refused.
  } kCases[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"2001:DB8:0::1", "2001:db8::1"},
      {"::", "::"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
      {"192.0.2", ""},
      {"192.0.2.256", ""},
      {"192.0.2.01", ""},
      {"fe80::1%eth0", ""},
      {"[::1]", ""},
      {std::string("192.0.2.1\0x", 11), ""},
      {"", ""},
  };
  for (const auto& test : kCases) {
    const auto ip = ParseIp(test.text);
    EXPECT_EQ(ip ? FormatIp(*ip) : "", test.formatted) << test.text;
  }
}

TEST(Address, KnowsSpecialAddresses) {
  const struct {
    std::string text;
    bool loopback;
    bool wildcard;
    bool multicast;
  } kCases[] = {
      {"127.0.0.1", true, false, false},
      {"127.255.255.254", true, false, false},
      {"::1", true, false, false},
      {"::ffff:127.0.0.1", true, false, false},
      {"0.0.0.0", false, true, false},
      {"::", false, true, false},
      {"::ffff:0.0.0.0", false, true, false},
      {"224.0.0.1", false, false, true},
      {"239.255.255.255", false, false, true},
      {"255.255.255.255", false, false, true},
      {"ff02::1", false, false, true},
      {"192.0.2.1", false, false, false},
      {"2001:db8::1", false, false, false},
      {"128.0.0.1", false, false, false},
  };
  for (const auto& test : kCases) {
    const auto ip = ParseIp(test.text);
    ASSERT_TRUE(ip) << test.text;
    EXPECT_EQ(IsLoopback(*ip), test.loopback) << test.text;
    EXPECT_EQ(IsWildcard(*ip), test.wildcard) << test.text;
    EXPECT_EQ(IsMulticast(*ip), test.multicast) << test.text;
  }
}

TEST(Address, KnowsHostNames) {
  const struct {
    std::string text;
    bool valid;
  } kCases[] = {
      {"sip.example.com", true},
      {"localhost", true},
      {"a", true},
      {"3com.example", true},
      {"-a.example", false},
      {"a-.example", false},
      {"a..b", false},
      {".a", false},
      {"a.", false},
      {"192.0.2.300", false},
      {"12", false},
      {"a_b", false},
      {"a b", false},
      {"gr\xc3\xbc\xc3\x9f", false},
      {"", false},
      {std::string(64, 'a'), false},
      {std::string(63, 'a'), true},
  };
  for (const auto& test : kCases) EXPECT_EQ(IsHostName(test.text), test.valid) << test.text;
}

TEST(Address, ParsesNetworks) {
  const struct {
    std::string text;
    std::string canonical;  // Empty: refused.
  } kCases[] = {
      {"192.0.2.0/24", "192.0.2.0/24"},
      {"192.0.2.129/25", "192.0.2.128/25"},
      {"192.0.2.1/32", "192.0.2.1/32"},
      {"1.2.3.4/0", "0.0.0.0/0"},
      {"2001:db8::1/32", "2001:db8::/32"},
      {"::1/128", "::1/128"},
      {"192.0.2.0/33", ""},
      {"2001:db8::/129", ""},
      {"192.0.2.0/", ""},
      {"192.0.2.0/-1", ""},
      {"192.0.2.0", ""},
      {"host/24", ""},
      {"192.0.2.0/08", ""},
  };
  for (const auto& test : kCases) {
    const auto network = ParseNetwork(test.text);
    EXPECT_EQ(network ? network->Canonical().ToString() : "", test.canonical) << test.text;
  }
}

TEST(Address, NetworksContainTheirAddresses) {
  const Network network = *ParseNetwork("192.0.2.128/25");
  EXPECT_TRUE(network.Contains(*ParseIp("192.0.2.128")));
  EXPECT_TRUE(network.Contains(*ParseIp("192.0.2.255")));
  EXPECT_FALSE(network.Contains(*ParseIp("192.0.2.127")));
  EXPECT_FALSE(network.Contains(*ParseIp("2001:db8::1")));
  EXPECT_TRUE(ParseNetwork("0.0.0.0/0")->Contains(*ParseIp("255.1.2.3")));
}

}  // namespace
}  // namespace adieu::base
