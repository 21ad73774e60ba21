#include "server/base/utf8.h"

#include <gtest/gtest.h>

namespace adieu::base {
namespace {

TEST(Utf8, TellsWhatIsUtf8) {
  const struct {
    std::string text;
    bool valid;
  } kCases[] = {
      {"", true},
      {"plain", true},
      {"gr\xc3\xbc\xc3\x9f", true},
      {"\xe2\x82\xac", true},
      {"\xf0\x9f\x93\x9e", true},
      {"\xf4\x8f\xbf\xbf", true},
      {"\xf4\x90\x80\x80", false},  // Above U+10FFFF.
      {"\xed\xa0\x80", false},      // U+D800.
      {"\xed\xbf\xbf", false},      // U+DFFF.
      {"\xc0\x80", false},          // Overlong NUL.
      {"\xc1\xbf", false},          // Overlong.
      {"\xe0\x9f\xbf", false},      // Overlong.
      {"\xf0\x8f\xbf\xbf", false},  // Overlong.
      {"\x80", false},              // A continuation alone.
      {"\xe2\x82", false},          // Cut.
      {"\xff", false},
  };
  for (const auto& test : kCases) EXPECT_EQ(IsUtf8(test.text), test.valid) << test.text;
}

TEST(Utf8, CutsBetweenCharacters) {
  EXPECT_EQ(CutUtf8("abc", 3), "abc");
  EXPECT_EQ(CutUtf8("abc", 2), "ab");
  EXPECT_EQ(CutUtf8("a\xe2\x82\xac", 3), "a");
  EXPECT_EQ(CutUtf8("a\xe2\x82\xac", 4), "a\xe2\x82\xac");
  EXPECT_EQ(CutUtf8("abc", 0), "");
}

TEST(Utf8, SeesControlCharacters) {
  EXPECT_TRUE(HasControl("a\r\nb"));
  EXPECT_TRUE(HasControl(std::string_view("\0", 1)));
  EXPECT_TRUE(HasControl("\x7f"));
  EXPECT_FALSE(HasControl("gr\xc3\xbc\xc3\x9f"));
}

}  // namespace
}  // namespace adieu::base
