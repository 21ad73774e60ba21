#include "client/cli/wrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace adieu::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(WrapTest, BreaksAtSpacesAndLineBreaks) {
  EXPECT_THAT(Wrap("", 10), IsEmpty());
  EXPECT_THAT(Wrap("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(Wrap("one\n\ntwo\n", 7), ElementsAre("one", "", "two"));
  EXPECT_THAT(Wrap("a-long-word b", 4), ElementsAre("a-long-word", "b"));
  EXPECT_THAT(Wrap("\xc3\xa4\xc3\xb6 \xc3\xbc", 4), ElementsAre("\xc3\xa4\xc3\xb6 \xc3\xbc"));
  EXPECT_THAT(Wrap("a\x1b[2J", 20), ElementsAre("a\\x1b[2J"));
}

TEST(WrapTest, CutsWithDots) {
  EXPECT_EQ(Cut("", 8), "");
  EXPECT_EQ(Cut("12345678", 8), "12345678");
  EXPECT_EQ(Cut("123456789", 8), "12345...");
  EXPECT_EQ(Cut("1234 6789", 8), "1234...");
  EXPECT_EQ(Cut("one\ntwo", 8), "one...");
  EXPECT_EQ(Cut("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"
                "56789",
                8),
            "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"
            "5...");
}

}  // namespace
}  // namespace adieu::cli
