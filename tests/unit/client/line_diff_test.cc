#include "client/cli/line_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <sstream>

namespace adieu::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Lines = std::vector<std::string>;

std::string Numbers(int from, int to) {
  std::string text;
  for (int i = from; i <= to; ++i) text += std::to_string(i) + "\n";
  return text;
}

Lines Split(const std::string& text) {
  Lines lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// What `patch` makes of `before`; fails the test when a hunk does not fit.
Lines Patch(const Lines& before, const Lines& diff) {
  Lines after;
  size_t at = 0;
  for (const auto& line : diff) {
    unsigned first = 0, count = 1;
    if (line.rfind("@@", 0) == 0) {
      std::sscanf(line.c_str(), "@@ -%u,%u", &first, &count);
      const size_t begin = count == 0 ? first : first - 1;
      while (at < begin && at < before.size()) after.push_back(before[at++]);
      EXPECT_EQ(at, begin) << line;
    } else if (line[0] == '+') {
      after.push_back(line.substr(1));
    } else {
      EXPECT_LT(at, before.size());
      if (at >= before.size()) return after;
      EXPECT_EQ(line.substr(1), before[at]);
      if (line[0] == ' ') after.push_back(before[at]);
      ++at;
    }
  }
  while (at < before.size()) after.push_back(before[at++]);
  return after;
}

TEST(LineDiffTest, EqualTexts) {
  EXPECT_THAT(LineDiff("", ""), IsEmpty());
  EXPECT_THAT(LineDiff("a\nb\n", "a\nb\n"), IsEmpty());
}

TEST(LineDiffTest, OneChangeHasThreeLinesAround) {
  EXPECT_THAT(LineDiff(Numbers(1, 9), Numbers(1, 4) + "five\n" + Numbers(6, 9)),
              ElementsAre("@@ -2,7 +2,7 @@", " 2", " 3", " 4", "-5", "+five", " 6", " 7", " 8"));
}

TEST(LineDiffTest, AtTheEnds) {
  EXPECT_THAT(LineDiff("", "a\nb\n"), ElementsAre("@@ -0,0 +1,2 @@", "+a", "+b"));
  EXPECT_THAT(LineDiff("a\n", ""), ElementsAre("@@ -1 +0,0 @@", "-a"));
  EXPECT_THAT(LineDiff("b\n", "a\nb\nc\n"), ElementsAre("@@ -1 +1,3 @@", "+a", " b", "+c"));
}

TEST(LineDiffTest, NearChangesShareAHunkFarOnesDoNot) {
  const std::string before = Numbers(1, 20);
  const std::string near = "x\n" + Numbers(2, 7) + "y\n" + Numbers(9, 20);
  const std::string far = "x\n" + Numbers(2, 8) + "y\n" + Numbers(10, 20);
  const auto hunks = [](const Lines& diff) {
    return std::count_if(diff.begin(), diff.end(), [](const auto& line) { return line[0] == '@'; });
  };
  EXPECT_EQ(hunks(LineDiff(before, near)), 1);
  EXPECT_EQ(hunks(LineDiff(before, far)), 2);
}

TEST(LineDiffTest, RandomTextsPatchBack) {
  std::mt19937 random(4);
  for (int round = 0; round < 2000; ++round) {
    std::string before, after;
    const auto fill = [&random](std::string& text) {
      for (unsigned n = random() % 25; n > 0; --n)
        text += std::string(1, static_cast<char>('a' + random() % 4)) + "\n";
    };
    fill(before);
    fill(after);
    if (round % 2 == 0) after = before + after;
    const auto diff = LineDiff(before, after);
    EXPECT_EQ(diff.empty(), before == after);
    ASSERT_EQ(Patch(Split(before), diff), Split(after)) << before << "--\n" << after;
  }
}

TEST(LineDiffTest, TextsWithoutMuchInCommonAreReplaced) {
  const std::string before = Numbers(1, 1500), after = Numbers(2001, 3500);
  const auto diff = LineDiff(before, after);
  EXPECT_EQ(diff.size(), 3001u);
  EXPECT_EQ(Patch(Split(before), diff), Split(after));
}

}  // namespace
}  // namespace adieu::cli
