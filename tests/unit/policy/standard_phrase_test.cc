#include "server/policy/standard_phrase.h"

#include <gtest/gtest.h>

namespace adieu::policy {
namespace {

struct Case {
  int code;
  std::string_view phrase;
};

TEST(StandardPhraseTest, ByCode) {
  const Case cases[] = {
      {200, "OK"},
      {302, "Moved Temporarily"},
      {400, "Bad Request"},
      {404, "Not Found"},
      {480, "Temporarily Unavailable"},
      {486, "Busy Here"},
      {487, "Request Terminated"},
      {504, "Server Time-out"},
      {603, "Decline"},
      {607, "Unwanted"},
      {608, "Rejected"},
      {399, "Redirection"},
      {499, "Request Failure"},
      {599, "Server Failure"},
      {699, "Global Failure"},
  };
  for (const Case& c : cases) EXPECT_EQ(StandardPhrase(c.code), c.phrase) << c.code;
}

TEST(StandardPhraseTest, NeverEmpty) {
  for (int code = -1; code <= 1000; ++code) EXPECT_FALSE(StandardPhrase(code).empty()) << code;
}

}  // namespace
}  // namespace adieu::policy
