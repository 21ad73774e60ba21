#include "client/cli/table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace adieu::cli {
namespace {

std::string Print(const Table& table, bool colour = false, bool headings = true) {
  std::ostringstream out;
  table.Print(out, colour, headings);
  return out.str();
}

TEST(TableTest, AlignsColumnsByCharacters) {
  Table table({{"NAME"}, {.heading = "MS", .right = true}, {"TEXT"}});
  table.Add({{"Mü"}, {"5"}, {"x"}});
  table.Add({{"long name"}, {"1200"}});
  EXPECT_EQ(Print(table),
            "NAME         MS  TEXT\n"
            "Mü            5  x\n"
            "long name  1200  -\n");
}

TEST(TableTest, WithoutHeadingsEmptyCellsStayEmptyAndNothingTrails) {
  Table table(std::vector<Column>{{.heading = "", .min_width = 6}, {}});
  table.Add({{"a"}, {"b"}});
  table.Add({{"c"}});
  EXPECT_EQ(Print(table), "a       b\nc\n");
}

TEST(TableTest, GoesOnWithoutItsHeading) {
  Table table({{.heading = "A", .min_width = 4}, {"B"}});
  table.Add({{"1"}, {"2"}});
  EXPECT_EQ(Print(table, false, false), "1     2\n");
}

TEST(TableTest, EscapesEveryCell) {
  Table table({{"A"}});
  table.Add({{"\x1b]0;title\x07"}});
  EXPECT_EQ(Print(table), "A\n\\x1b]0;title\\x07\n");
}

TEST(TableTest, ColoursDoNotMoveColumns) {
  Table table({{"A"}, {"B"}});
  table.Add({{"x", Style::kGood}, {"y"}});
  EXPECT_EQ(Print(table, true), "\x1b[1mA\x1b[0m  \x1b[1mB\x1b[0m\n\x1b[32mx\x1b[0m  y\n");
}

}  // namespace
}  // namespace adieu::cli
