#include "client/cli/when.h"

#include <gtest/gtest.h>

namespace adieu::cli {
namespace {

using std::chrono::milliseconds;

google::protobuf::Timestamp Time(int64_t seconds, int nanos) {
  google::protobuf::Timestamp time;
  time.set_seconds(seconds);
  time.set_nanos(nanos);
  return time;
}

TEST(WhenTest, Durations) {
  struct Case {
    const char* text;
    std::optional<int64_t> expected;
  };
  const Case cases[] = {{"500ms", 500},    {"10s", 10'000},    {"10", 10'000}, {"5m", 300'000},
                        {"2h", 7'200'000}, {"1d", 86'400'000}, {"0s", 0},      {"", {}},
                        {"s", {}},         {"-1s", {}},        {"1.5s", {}},   {"1 s", {}},
                        {"1w", {}},        {"1sx", {}},        {"3651d", {}},  {"99999999999999999999s", {}}};
  for (const Case& c : cases) {
    const auto duration = ParseDuration(c.text);
    ASSERT_EQ(duration.has_value(), c.expected.has_value()) << c.text;
    if (duration) {
      EXPECT_EQ(duration->count(), *c.expected) << c.text;
    }
  }
}

TEST(WhenTest, TimesAreAbsoluteOrAgo) {
  const std::chrono::system_clock::time_point now{std::chrono::seconds(1'000'000)};
  EXPECT_EQ(ParseTime("10m", now)->seconds(), 1'000'000 - 600);
  EXPECT_EQ(ParseTime("1970-01-01T00:01:00.5Z", now)->seconds(), 60);
  EXPECT_EQ(ParseTime("1970-01-01T00:01:00.5Z", now)->nanos(), 500'000'000);
  EXPECT_EQ(ParseTime("1970-01-01T02:00:00+01:00", now)->seconds(), 3600);
  EXPECT_FALSE(ParseTime("yesterday", now));
  EXPECT_FALSE(ParseTime("", now));
}

TEST(WhenTest, Formats) {
  EXPECT_EQ(FormatTime(true, Time(60, 7'999'999)), "1970-01-01T00:01:00.007Z");
  EXPECT_EQ(FormatTime(true, Time(60, 0)), "1970-01-01T00:01:00.000Z");
  EXPECT_EQ(FormatTime(false, Time(0, 0)), "");
  EXPECT_EQ(FormatTime(true, Time(int64_t{1} << 60, 0)), "not a time");
  EXPECT_EQ(FormatTime(true, Time(0, -1)), "not a time");
  EXPECT_EQ(FormatMilliseconds(Time(10, 900'000'000), Time(15, 912'340'000)), "5012.3");
  EXPECT_EQ(FormatMilliseconds(Time(10, 0), Time(10, 0)), "0.0");
}

}  // namespace
}  // namespace adieu::cli
