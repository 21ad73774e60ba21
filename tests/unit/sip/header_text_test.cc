#include "server/sip/header_text.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/sip/parsed_message.h"

namespace adieu::sip {
namespace {

struct Case {
  std::string value;
  bool clean;
  std::string line;
};

TEST(HeaderText, IsBroughtToOneLine) {
  const Case cases[] = {
      {"", true, ""},
      {"a  b", true, "a  b"},
      {"a\tb", true, "a\tb"},
      {"a\r\n b", true, "a b"},
      {"a \t\r\n\t  b", true, "a b"},
      {"a\r\n \r\n\tb", true, "a b"},
      {"\"Zo\xc3\xab\" \xff", true, "\"Zo\xc3\xab\" \xff"},
      {"a\r\nb", false, ""},
      {"a\r\n", false, ""},
      {"a\n b", false, ""},
      {"a\r b", false, ""},
      {"a\r\r\n b", false, ""},
      {std::string("a\0b", 3), false, ""},
      {"a\x1b[31m", false, ""},
      {"a\x7f", false, ""},
  };
  for (const Case& c : cases) {
    std::string text = "before ";
    EXPECT_EQ(AppendOnOneLine(c.value, &text), c.clean) << c.value;
    EXPECT_EQ(text, "before " + c.line) << c.value;
  }
}

// The library's own sip_header_as_string loses the last parameter of this one.
TEST(HeaderText, KeepsLongLists) {
  const std::string value = "Digest username=\"alice\", realm=\"pbx.example\", nonce=\"" +
                            std::string(900, 'n') +
                            "\", uri=\"sip:bob@pbx.example\", response=\"0\", algorithm=MD5";
  const ParsedMessage message(InviteWith("Authorization: " + value + "\r\n"), ParsedMessage::Text::kDropped);
  std::string seen;
  VisitHeaders(message.sip(), [&seen](const HeaderText& header) {
    if (header.name == "Authorization") seen = header.value;
  });
  EXPECT_EQ(seen, value);
}

}  // namespace
}  // namespace adieu::sip
