#include "server/sip/networks.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace adieu::sip {
namespace {

sockaddr_storage Source(const std::string& address) {
  sockaddr_storage storage{};
  auto* in = reinterpret_cast<sockaddr_in*>(&storage);
  auto* in6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (inet_pton(AF_INET, address.c_str(), &in->sin_addr) == 1) {
    in->sin_family = AF_INET;
  } else if (inet_pton(AF_INET6, address.c_str(), &in6->sin6_addr) == 1) {
    in6->sin6_family = AF_INET6;
  }
  return storage;
}

struct Case {
  std::vector<std::string> cidrs;
  const char* source;
  bool has;
};

TEST(Networks, HaveWhatTheyName) {
  for (const Case& c : std::vector<Case>{{{}, "192.0.2.1", true},
                                         {{"192.0.2.0/24"}, "192.0.2.255", true},
                                         {{"192.0.2.0/24"}, "192.0.3.0", false},
                                         {{"192.0.2.128/25"}, "192.0.2.127", false},
                                         {{"192.0.2.1/32"}, "192.0.2.1", true},
                                         {{"192.0.2.1/32"}, "192.0.2.2", false},
                                         {{"0.0.0.0/0"}, "198.51.100.1", true},
                                         {{"0.0.0.0/0"}, "2001:db8::1", false},
                                         {{"2001:db8::/33"}, "2001:db8:7fff::1", true},
                                         {{"2001:db8::/33"}, "2001:db8:8000::1", false},
                                         {{"192.0.2.0/24"}, "::ffff:192.0.2.7", true},
                                         {{"10.0.0.0/8", "::1/128"}, "::1", true}}) {
    const auto networks = Networks::Parse(c.cidrs, "sip.allow");
    ASSERT_TRUE(networks.ok());
    EXPECT_EQ(networks->Has(Source(c.source)), c.has) << c.source;
  }
}

TEST(Networks, AreRefusedByPath) {
  for (const char* wrong : {"", "192.0.2.1", "192.0.2.1/33", "192.0.2.1/", "192.0.2/24", "2001:db8::/129",
                            "x/8", "192.0.2.1/-1", "192.0.2.1/8 "}) {
    const auto networks = Networks::Parse({"10.0.0.0/8", wrong}, "sip.allow");
    ASSERT_FALSE(networks.ok()) << wrong;
    EXPECT_EQ(networks.error().violations.front().field, "sip.allow[1]");
  }
}

}  // namespace
}  // namespace adieu::sip
