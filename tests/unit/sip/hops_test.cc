#include "server/sip/hops.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/sip/parsed_message.h"

namespace adieu::sip {
namespace {

using Verdict = HopCheck::Verdict;

constexpr const char* kSecret = "secret";
constexpr const char* kOther = "0123456789abcdef";

HopCheck Check(const std::string& message, const std::string& secret = kSecret) {
  return CheckHops(ParsedMessage(message).sip(), secret);
}

// The token that we add to this INVITE.
std::string TokenOf(const std::string& message, const std::string& secret = kSecret) {
  const std::string header = Check(message, secret).header;
  const std::string name = "X-Adieu-Hops: ";
  EXPECT_EQ(header.substr(0, name.size()), name);
  return header.substr(name.size(), header.size() - name.size() - 2);
}

std::string Repeated(const std::string& token, int times) {
  std::string list = token;
  for (int i = 1; i < times; ++i) list += "," + token;
  return list;
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

struct MaxForwards {
  std::string header;
  Verdict verdict;
  int max_forwards;
};

TEST(Hops, AreCountedDown) {
  const MaxForwards cases[] = {
      {"", Verdict::kPass, 70},
      {"Max-Forwards: 70\r\n", Verdict::kPass, 69},
      {"Max-Forwards: 1\r\n", Verdict::kPass, 0},
      {"Max-Forwards: 0\r\n", Verdict::kTooManyHops, 0},
      {"Max-Forwards: 255\r\n", Verdict::kPass, 254},
      {"Max-Forwards: 4294967295\r\n", Verdict::kPass, 254},
  };
  for (const MaxForwards& c : cases) {
    const HopCheck check = Check(InviteWith(c.header));
    EXPECT_EQ(check.verdict, c.verdict) << c.header;
    EXPECT_EQ(check.max_forwards, c.max_forwards) << c.header;
  }
}

TEST(Hops, HaveATokenOfOurs) {
  const std::string token = TokenOf(InviteWith(""));
  EXPECT_EQ(token.size(), 16U);
  EXPECT_EQ(token.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(TokenOf(InviteWith("")), token);
  EXPECT_NE(TokenOf(InviteWith(""), "another secret"), token);
}

struct Kept {
  std::string headers;
  std::string tokens;
};

TEST(Hops, KeepTheTokensOfOthers) {
  const std::string own = TokenOf(InviteWith(""));
  const std::string a(16, 'a');
  const Kept cases[] = {
      {"X-Adieu-Hops: " + a + "\r\n", a + ", "},
      {"x-adieu-hops: " + a + " ,\t" + kOther + ",\r\n " + a + "\r\n", a + ", " + kOther + ", " + a + ", "},
      {"X-Adieu-Hops: " + a + "\r\nX-Other: 1\r\nX-Adieu-Hops: " + kOther + "\r\n", a + ", " + kOther + ", "},
      {"X-Adieu-Hops:\r\n", ""},
      {"X-Adieu-Hops: " + std::string(16, 'A') + ", abc, \"x\", " + a + "0, 0x23456789abcdeg\r\n", ""},
      {"X-Adieu-Hops: ,,;" + a + ", " + kOther + "\r\n", std::string(kOther) + ", "},
  };
  for (const Kept& c : cases) {
    const HopCheck check = Check(InviteWith(c.headers));
    EXPECT_EQ(check.verdict, Verdict::kPass) << c.headers;
    EXPECT_EQ(check.header, "X-Adieu-Hops: " + c.tokens + own + "\r\n") << c.headers;
  }
}

TEST(Hops, AreBounded) {
  const std::string own = TokenOf(InviteWith(""));
  EXPECT_EQ(Check(InviteWith("X-Adieu-Hops: " + Repeated(kOther, 31) + "\r\n")).verdict, Verdict::kPass);
  EXPECT_EQ(Check(InviteWith("X-Adieu-Hops: " + Repeated(kOther, 32) + "\r\n")).verdict,
            Verdict::kTooManyHops);
  EXPECT_EQ(Check(InviteWith("X-Adieu-Hops: " + Repeated(kOther, 2000) + "\r\n")).verdict,
            Verdict::kTooManyHops);
  EXPECT_EQ(Check(InviteWith("X-Adieu-Hops: " + Repeated(kOther, 31) + ", " + own + "\r\n")).verdict,
            Verdict::kLoop);
}

struct Return {
  const char* what;
  std::string from;
  std::string to;
  Verdict verdict;
};

// The INVITE passed us, and comes back with `from` changed to `to`.
TEST(Hops, TellALoopFromASpiral) {
  const std::string first = InviteWith("Route: <sip:192.0.2.9;lr>\r\nRoute: <sip:192.0.2.8;lr>\r\n");
  const std::string back = InviteWith(
      "Route: <sip:192.0.2.9;lr>\r\nRoute: <sip:192.0.2.8;lr>\r\nX-Adieu-Hops: " + std::string(kOther) +
      ", " + TokenOf(first) + "\r\n");
  const Return cases[] = {
      {"unchanged", "", "", Verdict::kLoop},
      {"other tag", "tag=a", "tag=b", Verdict::kLoop},
      {"other display name", "From: Alice", "From: Carol", Verdict::kLoop},
      {"other Call-ID", "1@192.0.2.1", "2@192.0.2.1", Verdict::kLoop},
      {"other branch", "z9hG4bK1", "z9hG4bK2", Verdict::kLoop},
      {"other Request-URI", "sip:bob@192.0.2.2", "sip:carol@192.0.2.2", Verdict::kPass},
      {"other host", "sip:bob@192.0.2.2", "sip:bob@192.0.2.3", Verdict::kPass},
      {"other parameter", "sip:bob@192.0.2.2", "sip:bob@192.0.2.2;cause=302", Verdict::kPass},
      {"other From", "<sip:alice@", "<sip:carol@", Verdict::kPass},
      {"other To", "<sip:bob@example.com", "<sip:carol@example.com", Verdict::kPass},
      {"other Route", "192.0.2.8", "192.0.2.7", Verdict::kPass},
      {"no second Route", "Route: <sip:192.0.2.8;lr>\r\n", "", Verdict::kPass},
  };
  for (const Return& c : cases) {
    EXPECT_EQ(Check(Replaced(back, c.from, c.to)).verdict, c.verdict) << c.what;
  }
  EXPECT_EQ(Check(back, "another secret").verdict, Verdict::kPass);
  EXPECT_EQ(Check(Replaced(back, "Via:", "Max-Forwards: 0\r\nVia:")).verdict, Verdict::kTooManyHops);
}

}  // namespace
}  // namespace adieu::sip
