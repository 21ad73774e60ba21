#include "server/sip/clean_text.h"

#include <gtest/gtest.h>

#include <string>

namespace adieu::sip {
namespace {

TEST(CleanText, KeepsUtf8AndReplacesTheRest) {
  EXPECT_EQ(CleanText("Jürgen"), "Jürgen");
  EXPECT_EQ(CleanText("J\xfcrgen"), "J?rgen");
  EXPECT_EQ(CleanText("a\xed\xa0\x80z"), "a???z");
}

TEST(CleanText, IsBoundedWithoutBreakingACharacter) {
  EXPECT_EQ(CleanText(std::string(1000, 'x')).size(), kMaxCleanText);
  EXPECT_EQ(CleanText(std::string(255, 'x') + "ü"), std::string(255, 'x'));
}

}  // namespace
}  // namespace adieu::sip
