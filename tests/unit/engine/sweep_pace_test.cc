#include "server/engine/sweep_pace.h"

#include <gtest/gtest.h>

namespace adieu::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// How many are taken by somebody who looks every `look`, until `end`.
int Taken(SweepPace* pace, SweepPace::Clock::time_point begin, milliseconds look, seconds end) {
  int taken = 0;
  for (auto now = begin; now < begin + end; now += look) {
    while (pace->Take(now)) ++taken;
  }
  return taken;
}

TEST(SweepPaceTest, KeepsItsRateHoweverItIsLookedAt) {
  const SweepPace::Clock::time_point begin{seconds(1'000)};
  for (const double rate : {0.5, 3.0, 97.0, 1'000.0, 9'999.0}) {
    for (const milliseconds look : {milliseconds(1), milliseconds(7), milliseconds(400)}) {
      SweepPace pace(rate, begin);
      const int taken = Taken(&pace, begin, look, seconds(60));
      EXPECT_NEAR(taken, 60 * rate, 1 + rate * 0.4) << rate << " " << look.count();
      EXPECT_LE(taken, 60 * rate + 1) << rate << " " << look.count();
    }
  }
}

TEST(SweepPaceTest, DoesNotDriftInAnHour) {
  const SweepPace::Clock::time_point begin{};
  SweepPace pace(7, begin);
  EXPECT_NEAR(Taken(&pace, begin, milliseconds(33), seconds(3'600)), 7 * 3'600, 1);
}

TEST(SweepPaceTest, TheFirstIsDueAtOnceAndTheNextAfterTheInterval) {
  const SweepPace::Clock::time_point begin{seconds(5)};
  SweepPace pace(10, begin);
  EXPECT_TRUE(pace.Take(begin));
  EXPECT_EQ(pace.Next(), begin + milliseconds(100));
  EXPECT_FALSE(pace.Take(begin + milliseconds(99)));
  EXPECT_TRUE(pace.Take(begin + milliseconds(100)));
}

TEST(SweepPaceTest, WhatWasGivenBackIsDueAgain) {
  const SweepPace::Clock::time_point begin{};
  SweepPace pace(10, begin);
  ASSERT_TRUE(pace.Take(begin));
  ASSERT_FALSE(pace.Take(begin));
  pace.GiveBack();
  EXPECT_TRUE(pace.Take(begin));
}

TEST(SweepPaceTest, ALongHaltIsNotCaughtUp) {
  const SweepPace::Clock::time_point begin{};
  SweepPace pace(100, begin);
  int taken = 0;
  while (pace.Take(begin + seconds(60))) ++taken;
  EXPECT_EQ(taken, 101);
}

TEST(SweepPaceTest, WithoutARateEverythingIsDue) {
  const SweepPace::Clock::time_point begin{seconds(1)};
  SweepPace pace(0, begin);
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(pace.Take(begin));
}

}  // namespace
}  // namespace adieu::engine
