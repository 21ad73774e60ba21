#include "client/cli/escape.h"

#include <gtest/gtest.h>

namespace adieu::cli {
namespace {

TEST(EscapeTest, LeavesTextAndHidesWhatATerminalObeys) {
  struct Case {
    std::string name;
    std::string text;
    std::string expected;
  };
  const Case cases[] = {
      {"plain", "sip:alice@example.com", "sip:alice@example.com"},
      {"empty", "", ""},
      {"letters beyond ASCII", "Müller 電話 \U0001F4DE", "Müller 電話 \U0001F4DE"},
      {"backslash", "a\\b", "a\\b"},
      {"escape sequence", "\x1b[2J", "\\x1b[2J"},
      {"line ends", "a\r\nb\tc", "a\\r\\nb\\tc"},
      {"nul", std::string("a\0b", 3), "a\\x00b"},
      {"delete", "a\x7f", "a\\x7f"},
      {"C1 control", "\u009b31m", "\\u009b31m"},
      {"direction", "\u202egpj", "\\u202egpj"},
      {"isolate", "\u2066x", "\\u2066x"},
      {"line separator", "a\u2028b", "a\\u2028b"},
      {"lone continuation", "\x80z", "\\x80z"},
      {"raw C1",
       "\x9b"
       "31m",
       "\\x9b31m"},
      {"cut short", "\xe2\x82", "\\xe2\\x82"},
      {"overlong", "\xc0\xaf", "\\xc0\\xaf"},
      {"overlong in three", "\xe0\x80\x9b", "\\xe0\\x80\\x9b"},
      {"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
      {"beyond Unicode", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
  };
  for (const Case& c : cases) EXPECT_EQ(Escape(c.text), c.expected) << c.name;
}

TEST(EscapeTest, WidthCountsCharacters) {
  EXPECT_EQ(Width(""), 0u);
  EXPECT_EQ(Width("abc"), 3u);
  EXPECT_EQ(Width("Mü"), 2u);
}

}  // namespace
}  // namespace adieu::cli
