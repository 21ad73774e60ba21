#include "server/engine/sweep_book.h"

#include <gtest/gtest.h>

namespace adieu::engine {
namespace {

class SweepBookTest : public testing::Test {
 protected:
  std::shared_ptr<Sweep> Add(const std::string& key, size_t calls = 0) {
    auto sweep = std::make_shared<Sweep>(SweepTerms{.sweep = "sweeps/" + key}, 0);
    sweep->Begin(std::deque<std::string>(calls, "calls/a"), now_);
    book_.Add(key, sweep, "print");
    return sweep;
  }
  void AddClosed(const std::string& key, size_t calls = 0) { book_.Closed(Add(key, calls), now_); }

  Sweep::Clock::time_point now_ = Sweep::Clock::now();
  SweepBook book_;
};

TEST_F(SweepBookTest, KeepsAClosedOneForAnHourAndAnOpenOneForEver) {
  AddClosed("closed");
  Add("open");
  now_ += SweepBook::kKept - std::chrono::seconds(1);
  book_.Forget(now_);
  ASSERT_NE(book_.Find("closed"), nullptr);
  EXPECT_EQ(book_.Find("closed")->fingerprint, "print");
  now_ += std::chrono::seconds(1);
  book_.Forget(now_);
  EXPECT_EQ(book_.Find("closed"), nullptr);
  EXPECT_NE(book_.Find("open"), nullptr);
}

TEST_F(SweepBookTest, OneThatHasNotBegunIsForgottenAtOnce) {
  const auto sweep = std::make_shared<Sweep>(SweepTerms{}, 0);
  book_.Add("a", sweep, "");
  book_.Closed(sweep, now_);
  EXPECT_EQ(book_.Find("a"), nullptr);
}

TEST_F(SweepBookTest, OfTooManyThoseThatClosedFirstGo) {
  Add("open");
  for (size_t i = 0; i < SweepBook::kSweeps; ++i) {
    AddClosed(std::to_string(i));
    now_ += std::chrono::milliseconds(1);
  }
  book_.Forget(now_);
  EXPECT_EQ(book_.size(), SweepBook::kSweeps);
  EXPECT_EQ(book_.Find("0"), nullptr);
  EXPECT_NE(book_.Find("1"), nullptr);
  EXPECT_NE(book_.Find("open"), nullptr);
}

TEST_F(SweepBookTest, OfTooManyCallsTheFirstSweepsWithCallsLeftGo) {
  AddClosed("done");
  for (int i = 0; i < 3; ++i) {
    now_ += std::chrono::seconds(1);
    AddClosed(std::to_string(i), SweepBook::kCalls / 2);
  }
  book_.Forget(now_);
  EXPECT_NE(book_.Find("done"), nullptr) << "it costs nothing";
  EXPECT_EQ(book_.Find("0"), nullptr);
  EXPECT_NE(book_.Find("1"), nullptr);
  EXPECT_NE(book_.Find("2"), nullptr);
}

}  // namespace
}  // namespace adieu::engine
