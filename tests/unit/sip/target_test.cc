#include "server/sip/target.h"

#include <gtest/gtest.h>

#include <string>

namespace adieu::sip {
namespace {

struct Good {
  const char* uri;
  Target target;
  const char* host_port;
};

TEST(Target, IsReadFromItsUri) {
  const Good cases[] = {
      {"sip:pbx.example.org", {.host = "pbx.example.org"}, "pbx.example.org"},
      {"sip:pbx", {.host = "pbx"}, "pbx"},
      {"SIP:PBX.Example.ORG", {.host = "pbx.example.org"}, "pbx.example.org"},
      {"sip:192.0.2.1:5080", {.host = "192.0.2.1", .port = 5080}, "192.0.2.1:5080"},
      {"sip:[2001:DB8:0::1]", {.host = "2001:db8::1", .is_ipv6 = true}, "[2001:db8::1]"},
      {"sip:[2001:db8::1]:5062;transport=tcp",
       {.host = "2001:db8::1", .is_ipv6 = true, .port = 5062, .transport = "tcp"},
       "[2001:db8::1]:5062"},
      {"sip:[::ffff:192.0.2.7]:65535", {.host = "192.0.2.7", .port = 65535}, "192.0.2.7:65535"},
      {"sip:desk@pbx.example.org;transport=UDP",
       {.user = "desk", .host = "pbx.example.org", .transport = "udp"},
       "pbx.example.org"},
      {"sip:Desk%201;x=y?z@pbx:5061;lr;transport=tcp",
       {.user = "Desk%201;x=y?z", .host = "pbx", .port = 5061, .transport = "tcp"},
       "pbx:5061"},
      {"sip:+4930123456@pbx;transport=tcp;lr",
       {.user = "+4930123456", .host = "pbx", .transport = "tcp"},
       "pbx"},
  };
  for (const Good& c : cases) {
    const auto target = Target::Parse(c.uri);
    ASSERT_TRUE(target) << c.uri;
    EXPECT_EQ(*target, c.target) << c.uri;
    EXPECT_EQ(target->HostPort(), c.host_port) << c.uri;
  }
}

TEST(Target, RefusesEverythingElse) {
  for (const char* uri : {"",
                          "sip:",
                          "pbx.example.org",
                          "sips:pbx.example.org",
                          "tel:+4930123456",
                          "<sip:pbx.example.org>",
                          "sip:@pbx",
                          "sip:a@b@pbx",
                          "sip:user:secret@pbx",
                          "sip:pbx:0",
                          "sip:pbx:65536",
                          "sip:pbx:",
                          "sip:2001:db8::1",
                          "sip:[2001:db8::1",
                          "sip:[pbx]",
                          "sip:192.0.2.256",
                          "sip:0.0.0.0",
                          "sip:[::]",
                          "sip:224.0.0.1",
                          "sip:[ff02::1]",
                          "sip:-pbx",
                          "sip:pbx;transport=tls",
                          "sip:pbx;transport=ws",
                          "sip:pbx;transport",
                          "sip:pbx;transport=",
                          "sip:pbx;transport=udp;transport=tcp",
                          "sip:pbx;lr;lr",
                          "sip:pbx;lr=on",
                          "sip:pbx;maddr=192.0.2.1",
                          "sip:pbx;",
                          "sip:pbx?Subject=x",
                          "sip:desk@pbx?Subject=x",
                          "sip:pbx\r\nX: y",
                          "sip:pb x",
                          "sip:desk%0d@pbx"}) {
    EXPECT_FALSE(Target::Parse(uri)) << uri;
  }
  EXPECT_FALSE(Target::Parse("sip:" + std::string(64, 'a') + ".example.org"));
}

}  // namespace
}  // namespace adieu::sip
