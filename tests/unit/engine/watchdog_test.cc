#include "server/engine/watchdog.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace adieu::engine {
namespace {

constexpr std::chrono::seconds kSoon{20};
constexpr Watchdog::Options kQuick{.tick = std::chrono::milliseconds(1), .patience = 5};

TEST(Watchdog, CallsOnceWhenNothingTurns) {
  std::atomic<int> calls = 0;
  std::promise<void> called;
  {
    Watchdog watchdog(
        kQuick, [] { return uint64_t{7}; },
        [&] {
          if (++calls == 1) called.set_value();
        });
    ASSERT_EQ(called.get_future().wait_for(kSoon), std::future_status::ready);
  }
  EXPECT_EQ(calls, 1);
}

TEST(Watchdog, IsQuietWhileItTurnsWithinThePatience) {
  std::atomic<int> asked = 0;
  std::atomic<bool> stuck = false;
  std::promise<void> enough;
  Watchdog watchdog(
      kQuick,
      [&] {
        if (asked == 200) enough.set_value();
        // A turn in every fifth tick.
        return static_cast<uint64_t>(asked++ / kQuick.patience);
      },
      [&] { stuck = true; });
  ASSERT_EQ(enough.get_future().wait_for(kSoon), std::future_status::ready);
  EXPECT_FALSE(stuck);
}

TEST(Watchdog, CountsFromTheLastTurn) {
  std::atomic<int> asked = 0;
  std::promise<int> called;
  Watchdog watchdog(
      kQuick, [&] { return static_cast<uint64_t>(asked++ < 20 ? asked.load() : 0); },
      [&] { called.set_value(asked); });
  auto future = called.get_future();
  ASSERT_EQ(future.wait_for(kSoon), std::future_status::ready);
  EXPECT_EQ(future.get(), 20 + 1 + kQuick.patience);
}

TEST(Watchdog, EndsAtOnce) {
  Watchdog watchdog(
      {.tick = std::chrono::hours(1)}, [] { return uint64_t{0}; }, [] { FAIL(); });
}

}  // namespace
}  // namespace adieu::engine
