#include "server/engine/published.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace adieu::engine {
namespace {

TEST(Published, GivesWhatWasSetLast) {
  Published<int> number(1);
  EXPECT_EQ(number.Get(), 1);
  for (int i = 2; i < 7; ++i) {
    number.Set(i);
    EXPECT_EQ(number.Get(), i);
    EXPECT_EQ(number.Get(), i);
  }
}

TEST(Published, ReadersNeverSeeATornOrAnOlderValue) {
  struct Pair {
    int a = 0;
    int b = 0;
  };
  Published<std::shared_ptr<const Pair>> pair(std::make_shared<const Pair>());
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      int last = 0;
      while (!stop) {
        const auto seen = pair.Get();
        if (seen->a != seen->b || seen->a < last) ++wrong;
        last = seen->a;
      }
    });
  }
  for (int i = 1; i <= 20'000; ++i) pair.Set(std::make_shared<const Pair>(Pair{i, i}));
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Published, LetsGoOfOldValues) {
  const auto old = std::make_shared<int>(1);
  Published<std::shared_ptr<int>> value(old);
  value.Set(std::make_shared<int>(2));
  EXPECT_EQ(old.use_count(), 1);
}

}  // namespace
}  // namespace adieu::engine
