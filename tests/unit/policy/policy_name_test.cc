#include "server/policy/policy_name.h"

#include <gtest/gtest.h>

#include <string>

namespace adieu::policy {
namespace {

TEST(PolicyNameTest, Forms) {
  const std::string a63(63, 'a');
  for (const std::string& good :
       {std::string("a"), std::string("quiet-kills"), std::string("a-"), std::string("a1"), a63}) {
    EXPECT_TRUE(IsPolicyName("cancelPolicies/" + good)) << good;
  }
  for (const std::string& bad : {std::string(""), std::string("A"), std::string("1a"), std::string("-a"),
                                 std::string("a_b"), std::string("a/b"), std::string("a b"), std::string("é"),
                                 std::string("a\n"), std::string("a\0", 2), a63 + "a"}) {
    EXPECT_FALSE(IsPolicyName("cancelPolicies/" + bad)) << bad;
  }
  for (const std::string other : {"", "a", "cancelpolicies/a", "/cancelPolicies/a", "calls/a"}) {
    EXPECT_FALSE(IsPolicyName(other)) << other;
  }
}

}  // namespace
}  // namespace adieu::policy
