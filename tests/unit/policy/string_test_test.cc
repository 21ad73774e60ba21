#include "server/policy/string_test.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <string>
#include <vector>

namespace adieu::policy {
namespace {

// What RE2 alone says.
bool Reference(const std::string& expression, bool ignore_case, const std::string& text) {
  re2::RE2::Options options;
  options.set_case_sensitive(!ignore_case);
  return re2::RE2::FullMatch(text, re2::RE2(expression, options));
}

TEST(StringTestTest, AnExpressionMatchesWhatRe2SaysWhateverLiteralsItHas) {
  const std::vector<std::string> expressions = {
      "",         ".*",           "abc",           ".*phone.*",   "(?:abc|def).*", ".*(?:Yealink|snom).*x",
      "a+b*c?",   "(?i)ABC",      "(?i).*kelvin",  "(?:long.*)?", "[abc]{3}",      "(?:abc)*",
      ".*é.*",    "(?i).*CAFÉ.*", "^abc$",         "(?:ab|.)c",   "\\Qa.c\\E",     "x{0}abc",
      "(?-i)Abc", "(?i)ſip.*",    "(?i).*K.*lvin", "[^a]bcd",     ".*abc.*def.*"};
  const std::vector<std::string> texts = {"",
                                          "abc",
                                          "ABC",
                                          "def",
                                          "a phone here",
                                          "A PHONE HERE",
                                          "Yealink T4x",
                                          "SNOMx",
                                          "kelvin",
                                          "KELVIN",
                                          "\u212Aelvin",
                                          "\u212Alvin",
                                          "a.c",
                                          "aXc",
                                          "café",
                                          "CAFÉ",
                                          "sip:1",
                                          "SIP:1",
                                          "ſip:1",
                                          "xbcd",
                                          "abcdef",
                                          "defabc",
                                          "long",
                                          "abcabc",
                                          "\xff phone \xff",
                                          "c"};
  for (const std::string& expression : expressions) {
    for (const bool ignore_case : {false, true}) {
      v1::StringMatch match;
      match.set_regex(expression.empty() ? "(?:)" : expression);
      match.set_ignore_case(ignore_case);
      const auto test = StringTest::Compile(match, "match");
      ASSERT_TRUE(test.ok()) << match.regex();
      for (const std::string& text : texts) {
        EXPECT_EQ(test->Matches(text), Reference(match.regex(), ignore_case, text))
            << '"' << match.regex() << "\" on \"" << text << "\"" << (ignore_case ? " ignoring case" : "");
      }
    }
  }
}

}  // namespace
}  // namespace adieu::policy
