#include "server/sip/redirect_contacts.h"

#include <gtest/gtest.h>

#include <string>

#include "server/sip/passed_headers.h"
#include "tests/unit/sip/parsed_message.h"

namespace adieu::sip {
namespace {

struct Case {
  int status;
  std::string in;
  std::string out;
};

TEST(RedirectContacts, AreOneValue) {
  const Case cases[] = {
      {302, "", ""},
      {302, "Contact: <sip:a@example.org>\r\n", "<sip:a@example.org>"},
      {300,
       "m: \"A, B\" <sip:a@example.org;x=1>;q=0.9,<sip:b@example.org>\r\nX-A: 1\r\nContact: "
       "sip:c@example.org;q=0.1\r\n",
       "\"A, B\" <sip:a@example.org;x=1>;q=0.9,<sip:b@example.org>, sip:c@example.org;q=0.1"},
      {302, "Contact: <sip:a@example.org>,\r\n <sip:b@example.org>\r\n",
       "<sip:a@example.org>, <sip:b@example.org>"},
      {485, "Contact: <sip:a@example.org>\r\n", "<sip:a@example.org>"},
      {200, "Contact: <sip:a@example.org>\r\n", ""},
      {404, "Contact: <sip:a@example.org>\r\n", ""},
      {302, "Contact: \"\x01\" <sip:a@example.org>\r\nContact: <sip:b@example.org>\r\n",
       "<sip:b@example.org>"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(RedirectContacts(ParsedMessage(ResponseWith(c.status, c.in)).sip()), c.out) << c.in;
  }
}

TEST(RedirectContacts, AreThereWithoutTheTextToo) {
  const ParsedMessage parsed(ResponseWith(302, "Contact: \"A, B\" <sip:a@b>;q=0.9,<sip:c@d>\r\n"),
                             ParsedMessage::Text::kDropped);
  EXPECT_EQ(RedirectContacts(parsed.sip()), "\"A, B\" <sip:a@b>;q=0.9, <sip:c@d>");
}

TEST(RedirectContacts, AreNoneOfARequest) {
  EXPECT_EQ(RedirectContacts(ParsedMessage(InviteWith("Contact: <sip:a@b>\r\n")).sip()), "");
}

TEST(RedirectContacts, AreBounded) {
  const std::string longest = "<sip:" + std::string(kMaxPassedHeaders, 'a') + "@b>";
  const ParsedMessage parsed(ResponseWith(302, "Contact: " + longest + "\r\nContact: <sip:c@d>\r\n"));
  EXPECT_EQ(RedirectContacts(parsed.sip()), "<sip:c@d>");
}

}  // namespace
}  // namespace adieu::sip
