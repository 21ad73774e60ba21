#include "server/base/id.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace adieu::base {
namespace {

TEST(NewId, IsALowerCaseBase32HexText) {
  for (int i = 0; i < 1000; ++i) {
    const std::string id = NewId();
    EXPECT_EQ(id.size(), 26U);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdefghijklmnopqrstuv"), std::string::npos) << id;
    EXPECT_LE(id.front(), '7') << "the first character holds three bits: " << id;
  }
}

TEST(NewId, IsNeverTheSameOnAnyThread) {
  constexpr int kThreads = 4;
  constexpr int kIds = 5000;
  std::vector<std::vector<std::string>> made(kThreads);
  std::vector<std::thread> threads;
  for (auto& ids : made) {
    threads.emplace_back([&ids] {
      for (int i = 0; i < kIds; ++i) ids.push_back(NewId());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& ids : made) all.insert(ids.begin(), ids.end());
  EXPECT_EQ(all.size(), static_cast<size_t>(kThreads * kIds));
}

TEST(NewId, UsesEveryCharacterAtEveryRandomPlace) {
  // The time ends within the tenth character.
  std::vector<std::set<char>> seen(26);
  for (int i = 0; i < 4000; ++i) {
    const std::string id = NewId();
    for (size_t place = 0; place < id.size(); ++place) seen[place].insert(id[place]);
  }
  for (size_t place = 10; place < seen.size(); ++place) EXPECT_EQ(seen[place].size(), 32U) << place;
}

TEST(NewId, SortsByTime) {
  const std::string before = NewId();
  const auto begin = std::chrono::system_clock::now();
  while (std::chrono::system_clock::now() - begin < std::chrono::milliseconds(2)) std::this_thread::yield();
  EXPECT_LT(before, NewId());
}

}  // namespace
}  // namespace adieu::base
