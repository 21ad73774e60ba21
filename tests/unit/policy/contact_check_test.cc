#include "server/policy/contact_check.h"

#include <gtest/gtest.h>

#include <vector>

#include "server/policy/sip_uri.h"
#include "tests/unit/policy/textproto.h"

namespace adieu::policy {
namespace {

TEST(ContactCheckTest, Accepted) {
  for (const std::string contact :
       {"sip:alice@example.com", "SIP:alice@example.com", "sips:alice@example.com:5061", "sip:example.com",
        "sip:192.0.2.1", "sip:[2001:db8::1]:5070", "sip:alice:secret@example.com",
        "sip:+4930123;phone-context=x@example.com;user=phone", "sip:a%20b@example.com",
        "sip:alice@example.com;transport=tcp;lr", "sip:alice@example.com?subject=hello%20you&priority=urgent",
        "sip:alice@host.example.", "tel:+1", "tel:+49-30-1234(5)", "tel:7042;phone-context=example.com",
        "tel:*21#;phone-context=+49"}) {
    v1::Redirect redirect;
    redirect.add_contacts(contact);
    EXPECT_FALSE(CheckContacts(redirect, "r")) << contact;
  }
}

TEST(ContactCheckTest, Refused) {
  for (const std::string contact : {"",
                                    "alice",
                                    "alice@example.com",
                                    "http://example.com",
                                    "sip:",
                                    "sip:@example.com",
                                    "sip:alice@",
                                    "tel:",
                                    "tel:+",
                                    "tel:alice",
                                    "tel:+49;",
                                    "<sip:alice@example.com>",
                                    "Alice <sip:alice@example.com>",
                                    "sip:alice@example.com>,<sip:eve@example.net",
                                    "sip:alice@example.com\r\nVia: x",
                                    "sip:alice@example.com\n",
                                    "sip:ali ce@example.com",
                                    "sip:\"alice\"@example.com",
                                    "sip:alice@example.com%0d%0aVia",
                                    "sip:a%0Ab@c",
                                    "sip:a%7Fb@c",
                                    "sip:a%zz@c",
                                    "sip:a%4@c",
                                    "sip:alice@exa_mple.com",
                                    "sip:alice@-a.com",
                                    "sip:alice@a..com",
                                    "sip:alice@1.2.3",
                                    "sip:alice@256.1.1.1",
                                    "sip:alice@[2001:db8::1",
                                    "sip:alice@[alice]",
                                    "sip:alice@2001:db8::1",
                                    "sip:alice@example.com:0",
                                    "sip:alice@example.com:65536",
                                    "sip:alice@example.com:",
                                    "sip:alice@example.com:5060x",
                                    "sip:alice@example.com;",
                                    "sip:alice@example.com;=x",
                                    "sip:alice@example.com?subject",
                                    "sip:alice@example.com?a=%0d%0ab",
                                    "sip:a@b@c",
                                    "sip:\xc3\xa9@example.com",
                                    "*"}) {
    v1::Redirect redirect;
    redirect.add_contacts(contact);
    const auto error = CheckContacts(redirect, "r");
    ASSERT_TRUE(error) << contact;
    EXPECT_EQ(error->violations[0].field, "r.contacts[0]");
  }
}

TEST(ContactCheckTest, Length) {
  v1::Redirect redirect;
  redirect.add_contacts("sip:" + std::string(506, 'a') + "@b");
  EXPECT_FALSE(CheckContacts(redirect, "r"));
  redirect.set_contacts(0, "sip:" + std::string(507, 'a') + "@b");
  EXPECT_TRUE(CheckContacts(redirect, "r"));
}

struct PointsCase {
  std::string contact;
  bool points;
};

TEST(PointsAtTest, OwnAddresses) {
  const std::vector<std::string> own = {"192.0.2.1:5060", "192.0.2.1:5061",       "[2001:db8::1]:5080",
                                        "127.0.0.1:5060", "Sip.Example.com:5070", "any.example.com:0",
                                        "nonsense here"};
  const PointsCase cases[] = {
      {"sip:a@192.0.2.1", true},
      {"sip:a@192.0.2.1:5060", true},
      {"sips:a@192.0.2.1", true},
      {"sip:a@192.0.2.1;transport=TLS", true},
      {"sip:192.0.2.1", true},
      {"sip:a@192.0.2.1:5062", false},
      {"sip:a@192.0.2.2", false},
      {"sip:a@[::ffff:192.0.2.1]:5060", true},
      {"sip:a@[2001:DB8:0::1]:5080", true},
      {"sip:a@[2001:db8::1]", false},
      {"sip:a@localhost", true},
      {"sip:a@localhost:5061", false},
      {"sip:a@localhost:5090", false},
      {"sip:a@sip.example.com", true},
      {"sip:a@SIP.example.com.:5070", true},
      {"sip:a@sip.example.com:5060", false},
      {"sip:a@any.example.com:1234", true},
      {"sip:a@other.example.com;maddr=192.0.2.1", true},
      {"sip:a@other.example.com:5062;maddr=192.0.2.1", false},
      {"sip:a@other.example.com", false},
      {"tel:+4930123", false},
      {"garbage", false},
  };
  for (const PointsCase& c : cases) EXPECT_EQ(PointsAt(c.contact, own), c.points) << c.contact;
  EXPECT_FALSE(PointsAt("sip:a@192.0.2.1", {}));
}

TEST(PointsAtTest, NamesTheContact) {
  const std::vector<std::string> own = {"192.0.2.1:5060"};
  const auto treatment = Parse<v1::Treatment>("redirect { contacts: 'sip:a@b' contacts: 'sip:a@192.0.2.1' }");
  const auto error = CheckNotPointingAt(treatment, own, "treatment");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->violations[0].field, "treatment.redirect.contacts[1]");
  EXPECT_FALSE(CheckNotPointingAt(Parse<v1::Treatment>("answer_then_bye {}"), own, "treatment"));
}

struct BareCase {
  std::string_view uri;
  std::string_view bare;
};

TEST(BareUriTest, CutsWhatMatchesDoNotSee) {
  const BareCase cases[] = {
      {"", ""},
      {"sip:a@b:5060", "sip:a@b:5060"},
      {"sip:a@b;transport=tcp?x=y", "sip:a@b"},
      {"\"A <x>\" <sip:a;ext=1@b;lr>;tag=1", "sip:a;ext=1@b"},
      {"<sip:a@b", "sip:a@b"},
      {"tel:+49;phone-context=x", "tel:+49"},
      {"sip:b;lr", "sip:b"},
      {"sip:a@[2001:db8::1]:5060", "sip:a@[2001:db8::1]:5060"},
  };
  for (const BareCase& c : cases) EXPECT_EQ(BareUri(c.uri), c.bare) << c.uri;
}

}  // namespace
}  // namespace adieu::policy
