#include "server/base/token_bucket.h"

#include <gtest/gtest.h>

namespace adieu::base {
namespace {

using std::chrono::milliseconds;

int Taken(TokenBucket* bucket, TokenBucket::Clock::time_point now) {
  int taken = 0;
  while (bucket->Take(now)) ++taken;
  return taken;
}

TEST(TokenBucket, HoldsOneSecondsWorth) {
  const TokenBucket::Clock::time_point begin{};
  TokenBucket bucket(10, begin);
  EXPECT_EQ(Taken(&bucket, begin), 10);
  EXPECT_EQ(Taken(&bucket, begin + milliseconds(99)), 0);
  EXPECT_EQ(Taken(&bucket, begin + milliseconds(100)), 1);
  EXPECT_EQ(Taken(&bucket, begin + milliseconds(600)), 5);
  EXPECT_EQ(Taken(&bucket, begin + std::chrono::hours(1)), 10);
}

TEST(TokenBucket, HoldsOneWhenTheRateIsLess) {
  const TokenBucket::Clock::time_point begin{};
  TokenBucket bucket(0.5, begin);
  EXPECT_EQ(Taken(&bucket, begin), 1);
  EXPECT_EQ(Taken(&bucket, begin + milliseconds(1900)), 0);
  EXPECT_EQ(Taken(&bucket, begin + milliseconds(2000)), 1);
}

}  // namespace
}  // namespace adieu::base
