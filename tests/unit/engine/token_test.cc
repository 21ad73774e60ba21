#include "server/engine/token.h"

#include <gtest/gtest.h>

namespace adieu::engine {
namespace {

using Fields = std::vector<std::string>;

TEST(TokenTest, FieldsComeBack) {
  for (const Fields& fields : {Fields{"a"}, Fields{"", ""}, Fields{"boot", "12", "calls/x"}}) {
    EXPECT_EQ(DecodeToken('p', EncodeToken('p', fields), fields.size()), fields);
  }
}

TEST(TokenTest, OthersAreRefused) {
  const std::string good = EncodeToken('p', {"boot", "12"});
  std::string damaged = good;
  damaged[3] = damaged[3] == 'A' ? 'B' : 'A';
  const struct {
    const char* what;
    char kind;
    std::string token;
    size_t fields;
  } cases[] = {
      {"empty", 'p', "", 2},
      {"another kind", 'r', good, 2},
      {"another count", 'p', good, 3},
      {"damaged", 'p', damaged, 2},
      {"cut", 'p', good.substr(0, good.size() - 2), 2},
      {"not base64", 'p', "!!!", 2},
      {"huge", 'p', std::string(100'000, 'A'), 2},
  };
  for (const auto& c : cases) EXPECT_FALSE(DecodeToken(c.kind, c.token, c.fields)) << c.what;
  EXPECT_TRUE(DecodeToken('p', good, 2));
}

TEST(TokenTest, Numbers) {
  EXPECT_EQ(ParseNumber("42"), 42);
  EXPECT_EQ(ParseNumber("-1"), -1);
  for (const char* text : {"", "4x", " 4", "99999999999999999999"}) EXPECT_FALSE(ParseNumber(text)) << text;
}

}  // namespace
}  // namespace adieu::engine
