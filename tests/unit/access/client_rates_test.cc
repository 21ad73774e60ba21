#include "server/access/client_rates.h"

#include <gtest/gtest.h>

#include <string>

#include "server/access/client_counts.h"

namespace adieu::access {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const ClientRates::Clock::time_point kNow{std::chrono::hours(1)};

// How many of `tries` requests are taken at this moment.
int Taken(ClientRates* rates, const std::string& client, ClientRates::Clock::time_point now,
          int tries = 100) {
  int taken = 0;
  for (int i = 0; i < tries; ++i) taken += rates->Take(client, now) ? 0 : 1;
  return taken;
}

TEST(ClientRates, ZeroIsNoLimit) {
  ClientRates rates(0);
  EXPECT_EQ(Taken(&rates, "a", kNow, 10'000), 10'000);
}

TEST(ClientRates, ABurstThenTheRate) {
  ClientRates rates(10);
  EXPECT_EQ(Taken(&rates, "a", kNow), 10);
  EXPECT_EQ(*rates.Take("a", kNow), milliseconds(100));
  EXPECT_EQ(*rates.Take("a", kNow + milliseconds(99)), milliseconds(1));
  EXPECT_EQ(Taken(&rates, "a", kNow + milliseconds(100)), 1);
  EXPECT_EQ(Taken(&rates, "a", kNow + milliseconds(500)), 4);
  EXPECT_EQ(Taken(&rates, "a", kNow + seconds(10)), 10);
}

TEST(ClientRates, WaitCountsNothing) {
  ClientRates rates(1);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(rates.Wait("a", kNow));
  EXPECT_EQ(Taken(&rates, "a", kNow), 1);
  EXPECT_EQ(*rates.Wait("a", kNow + milliseconds(400)), milliseconds(600));
  EXPECT_FALSE(rates.Wait("a", kNow + seconds(1)));
  EXPECT_FALSE(ClientRates(0).Wait("a", kNow));
}

TEST(ClientRates, EachClientHasItsOwn) {
  ClientRates rates(1);
  EXPECT_EQ(Taken(&rates, "a", kNow), 1);
  EXPECT_EQ(Taken(&rates, "b", kNow), 1);
}

TEST(ClientRates, TooManyClientsShareOneAndComeApartAgain) {
  ClientRates rates(2);
  for (int i = 0; i < 10'000; ++i) ASSERT_FALSE(rates.Take(std::to_string(i), kNow));
  EXPECT_EQ(Taken(&rates, "late", kNow), 2);
  EXPECT_EQ(Taken(&rates, "later", kNow), 0);
  // Who was there before is still known.
  EXPECT_EQ(Taken(&rates, "17", kNow), 1);
  EXPECT_EQ(Taken(&rates, "later", kNow + seconds(2)), 2);
  EXPECT_EQ(Taken(&rates, "latest", kNow + seconds(2)), 2);
}

TEST(ClientCounts, GivesBackWhatIsLeft) {
  ClientCounts counts(2);
  auto first = counts.Enter("a");
  const auto second = counts.Enter("a");
  EXPECT_TRUE(first && second);
  EXPECT_EQ(counts.Enter("a"), nullptr);
  EXPECT_NE(counts.Enter("b"), nullptr);
  first.reset();
  EXPECT_NE(counts.Enter("a"), nullptr);
}

}  // namespace
}  // namespace adieu::access
