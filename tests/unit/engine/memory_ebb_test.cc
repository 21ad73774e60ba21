#include "server/engine/memory_ebb.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace adieu::engine {
namespace {

// The seconds at which it is due, when `calls[i]` live at second i and the last number from then on.
std::vector<int> DueAt(const std::vector<size_t>& calls, int seconds) {
  MemoryEbb ebb;
  const auto begin = MemoryEbb::Clock::time_point() + std::chrono::hours(1);
  std::vector<int> due;
  for (int i = 0; i < seconds; ++i) {
    const size_t now = calls[std::min(static_cast<size_t>(i), calls.size() - 1)];
    if (ebb.Due(now, begin + std::chrono::seconds(i))) due.push_back(i);
  }
  return due;
}

TEST(MemoryEbb, IsDueTwiceAfterManyCallsEnded) {
  EXPECT_EQ(DueAt({5000, 5000, 100}, 300), (std::vector<int>{7, 47}));
}

TEST(MemoryEbb, IsNeverDueForFewCallsOrWhileTheyAreThere) {
  EXPECT_TRUE(DueAt({999, 0}, 300).empty());
  EXPECT_TRUE(DueAt({5000, 2000}, 300).empty());
}

TEST(MemoryEbb, BeginsAnewWhenTheCallsComeBack) {
  EXPECT_EQ(DueAt({5000, 0, 0, 5000, 0}, 30), (std::vector<int>{9}));
}

}  // namespace
}  // namespace adieu::engine
