#include "server/sip/passed_options.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/sip/parsed_message.h"

namespace adieu::sip {
namespace {

struct Case {
  std::string in;
  std::string out;
};

TEST(PassedOptions, AreThoseThatHoldEndToEnd) {
  const Case cases[] = {
      {"", "Supported: \r\n"},
      {"Supported:\r\n", "Supported: \r\n"},
      {"Supported: timer, 100REL ,timer\r\nk: Replaces\r\n", "Supported: 100rel, replaces, timer\r\n"},
      {"Supported: path, gruu, outbound, sec-agree, tdialog, norefersub, 199, x-own\r\n", "Supported: \r\n"},
      {"Supported: histinfo, privacy, precondition, early-session, answermode, resource-priority\r\n",
       "Supported: answermode, early-session, histinfo, precondition, privacy, resource-priority\r\n"},
      {"Require: 100rel, sec-agree\r\n", "Supported: \r\nRequire: 100rel\r\n"},
      {"Require: sec-agree\r\nProxy-Require: sec-agree\r\n", "Supported: \r\n"},
      {"Supported: 100rel\r\nRequire: precondition\r\nRequire: 100rel\r\nProxy-Require: privacy\r\n",
       "Supported: 100rel\r\nRequire: 100rel, precondition\r\nProxy-Require: privacy\r\n"},
  };
  for (const Case& c : cases) {
    for (const auto kept : {ParsedMessage::Text::kKept, ParsedMessage::Text::kDropped}) {
      EXPECT_EQ(PassedOptions(ParsedMessage(InviteWith(c.in), kept).sip()), c.out) << c.in;
      EXPECT_EQ(PassedOptions(ParsedMessage(ResponseWith(200, c.in), kept).sip()), c.out) << c.in;
    }
  }
}

}  // namespace
}  // namespace adieu::sip
