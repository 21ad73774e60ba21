#include "server/sip/parser_guards.h"

#include <gtest/gtest.h>
#include <sofia-sip/url.h>

#include <string>

namespace adieu::sip {
namespace {

TEST(ParserGuards, AreInPlace) { EXPECT_EQ(MissingParserGuard(), std::nullopt); }

struct Case {
  const char* params;
  const char* tag;
  unsigned found;
  const char* value;
};

TEST(ParserGuards, UrlParamFindsWhatIsThereOnly) {
  for (const Case& c :
       {Case{"lr", "lr", 1, ""}, Case{"lrx", "lr", 0, "?"}, Case{"a=1;lrx", "lr", 0, "?"},
        Case{"transport=tcp", "transport=", 4, "tcp"}, Case{"x;Transport=udp", "transport", 4, "udp"},
        Case{"maddr=", "maddr=", 1, ""}, Case{"", "lr", 0, "?"}, Case{";;lr", "lr", 1, ""},
        Case{"ttl=toolong", "ttl=", 8, "?"}}) {
    char value[5] = "?";
    EXPECT_EQ(url_param(c.params, c.tag, value, sizeof value), static_cast<isize_t>(c.found)) << c.params;
    EXPECT_STREQ(value, c.value) << c.params;
  }
}

}  // namespace
}  // namespace adieu::sip
