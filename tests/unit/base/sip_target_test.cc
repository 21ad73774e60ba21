#include "server/base/sip_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace adieu::base {
namespace {

using Transport = SipTarget::Transport;

TEST(SipTarget, TakesWhatIsGood) {
  const struct {
    std::string text;
    SipTarget target;
  } kCases[] = {
      {"sip:trunk.example.com", {.host = "trunk.example.com"}},
      {"SIP:Trunk:5080", {.host = "Trunk", .port = 5080}},
      {"sip:192.0.2.1", {.host = "192.0.2.1"}},
      {"sip:192.0.2.1:65535", {.host = "192.0.2.1", .port = 65535}},
      {"sip:[2001:db8::1]", {.host = "2001:db8::1", .bracketed = true}},
      {"sip:[2001:db8::1]:1", {.host = "2001:db8::1", .bracketed = true, .port = 1}},
      {"sip:bob@host", {.user = "bob", .host = "host"}},
      {"sip:+49(30)1;phone-context=a?b/c%23@host:5060;lr",
       {.user = "+49(30)1;phone-context=a?b/c%23", .host = "host", .port = 5060}},
      {"sip:host;transport=udp", {.host = "host", .transport = Transport::kUdp}},
      {"sip:host;Transport=TCP;LR", {.host = "host", .transport = Transport::kTcp}},
      {"sip:host;lr;transport=tcp", {.host = "host", .transport = Transport::kTcp}},
      {"sip:" + std::string(500, 'u') + "@host.de", {.user = std::string(500, 'u'), .host = "host.de"}},
  };
  for (const auto& test : kCases) {
    const auto target = ParseSipTarget(test.text);
    ASSERT_TRUE(target.ok()) << test.text << ": " << target.error().message;
    EXPECT_EQ(target->user, test.target.user) << test.text;
    EXPECT_EQ(target->host, test.target.host) << test.text;
    EXPECT_EQ(target->bracketed, test.target.bracketed) << test.text;
    EXPECT_EQ(target->port, test.target.port) << test.text;
    EXPECT_EQ(target->transport, test.target.transport) << test.text;
  }
}

TEST(SipTarget, SaysWhatIsWrong) {
  const std::string form = "must be a SIP URI such as sip:trunk.example.com";
  const std::string host =
      "must have a host name, an IPv4 address or an IPv6 address in brackets, and a port";
  const std::string parameters =
      "may have the parameters transport=udp, transport=tcp and lr only, each once";
  const struct {
    std::string text;
    std::string message;
  } kCases[] = {
      {"", form},
      {"host", form},
      {"sip", form},
      {"tel:+4930", form},
      {"<sip:host>", form},
      {"\"A\" <sip:host>", form},
      {" sip:host", form},
      {"sips:host", "is sips, and no calls go out over TLS in this version"},
      {"SIPS:host", "is sips, and no calls go out over TLS in this version"},
      {"sip:", host},
      {"sip:host ", host},
      {"sip:ho st", host},
      {"sip:host\r\nVia: x", host},
      {std::string("sip:host\0x", 10), host},
      {"sip:-host", host},
      {"sip:host..de", host},
      {"sip:b\xc3\xbc"
       "cher.example",
       host},
      {"sip:1.2.3", host},
      {"sip:192.0.2.256", host},
      {"sip:0.0.0.0", host},
      {"sip:[::]:5060", host},
      {"sip:224.0.0.1", host},
      {"sip:[ff02::1]", host},
      {"sip:2001:db8::1", host},
      {"sip:[192.0.2.1]", host},
      {"sip:[fe80::1%eth0]", host},
      {"sip:[2001:db8::1", host},
      {"sip:host:", host},
      {"sip:host:0", host},
      {"sip:host:65536", host},
      {"sip:host:05060", host},
      {"sip:host:sip", host},
      {"sip:a@b@host", host},
      {"sip:a@;lr", host},
      {"sip:@host", form + " or sip:192.0.2.1:5060;transport=tcp; its user part"},
      {"sip:a b@host", form},
      {"sip:a%0d%0aVia@host", form},
      {"sip:a%7F@host", form},
      {"sip:a%1g@host", form},
      {"sip:a%2@host", form},
      {"sip:a\"b@host", form},
      {"sip:a:secret@host", "has a password: give credentials instead"},
      {"sip:host?Subject=x", "must not have headers (`?`)"},
      {"sip:host;lr?Subject=x", "must not have headers (`?`)"},
      {"sip:host;transport=tls", "asks for TLS, over which no calls go out in this version"},
      {"sip:host;transport=sctp", "must have transport=udp or transport=tcp, has another one"},
      {"sip:host;transport=", "must have transport=udp or transport=tcp, has another one"},
      {"sip:host;transport=udp;transport=udp", "has two transports"},
      {"sip:host;transport", parameters},
      {"sip:host;maddr=192.0.2.1", parameters},
      {"sip:host;user=phone", parameters},
      {"sip:host;lr=on", parameters},
      {"sip:host;lr;lr", parameters},
      {"sip:host;", parameters},
      {"sip:host;;lr", parameters},
      {"sip:" + std::string(501, 'u') + "@host.de", "must be at most 512 bytes"},
  };
  for (const auto& test : kCases) {
    const auto target = ParseSipTarget(test.text);
    ASSERT_FALSE(target.ok()) << test.text;
    EXPECT_TRUE(target.error().code == absl::StatusCode::kInvalidArgument) << test.text;
    EXPECT_THAT(target.error().message, testing::StartsWith(test.message)) << test.text;
  }
}

}  // namespace
}  // namespace adieu::base
