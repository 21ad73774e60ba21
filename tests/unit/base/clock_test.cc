#include "server/base/clock.h"

#include <gtest/gtest.h>

namespace adieu::base {
namespace {

using std::chrono::nanoseconds;
using std::chrono::system_clock;

TEST(Clock, TimestampsGoBothWays) {
  const struct {
    int64_t nanos_since_epoch;
    int64_t seconds;
    int32_t nanos;
  } kCases[] = {
      {0, 0, 0}, {1, 0, 1}, {1'500'000'000, 1, 500'000'000}, {-1, -1, 999'999'999}, {-2'000'000'000, -2, 0},
  };
  for (const auto& test : kCases) {
    const system_clock::time_point time{nanoseconds(test.nanos_since_epoch)};
    const auto timestamp = ToTimestamp(time);
    EXPECT_EQ(timestamp.seconds(), test.seconds);
    EXPECT_EQ(timestamp.nanos(), test.nanos);
    EXPECT_EQ(FromTimestamp(timestamp), time);
  }
}

TEST(Clock, DurationsGoBothWays) {
  const struct {
    int64_t nanos_in_all;
    int64_t seconds;
    int32_t nanos;
  } kCases[] = {{0, 0, 0}, {1'500'000'000, 1, 500'000'000}, {-1'500'000'000, -1, -500'000'000}};
  for (const auto& test : kCases) {
    const auto duration = ToDuration(nanoseconds(test.nanos_in_all));
    EXPECT_EQ(duration.seconds(), test.seconds);
    EXPECT_EQ(duration.nanos(), test.nanos);
    EXPECT_EQ(FromDuration(duration), nanoseconds(test.nanos_in_all));
  }
}

TEST(Clock, WhatIsTooFarIsTheNearest) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(253402300799);  // The year 9999.
  EXPECT_EQ(FromTimestamp(timestamp), system_clock::time_point::max());
  timestamp.set_seconds(-62135596800);  // The year 1.
  EXPECT_EQ(FromTimestamp(timestamp), system_clock::time_point::min());
}

TEST(Clock, FormatsRfc3339) {
  EXPECT_EQ(FormatTime(system_clock::time_point{}), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(FormatTime(system_clock::time_point{nanoseconds(1'790'000'000'123'456'789)}),
            "2026-09-21T14:13:20.123456Z");
}

}  // namespace
}  // namespace adieu::base
