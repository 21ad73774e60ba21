#include "server/engine/sweep.h"

#include <gtest/gtest.h>

#include "server/engine/sweep_request.h"

namespace adieu::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Next = Sweep::Next;
using Result = Sweep::Result;

// The test is the stream, the thread of Sweeps and the clock.
class SweepTest : public testing::Test {
 protected:
  void Open(double rate = 0, size_t calls = 0) {
    sweep_ = std::make_unique<Sweep>(SweepTerms{.sweep = "sweeps/a"}, rate);
    OpenStream();
    if (calls > 0) Begin(calls);
  }
  void OpenStream() {
    stream_ = sweep_->Open({.ready = [this] { ++rings_; }, .moved = [this] { ++moves_; }}, now_);
  }
  void Begin(size_t count) {
    std::deque<std::string> calls;
    for (size_t i = 0; i < count; ++i) calls.push_back("calls/" + std::to_string(i));
    sweep_->Begin(std::move(calls), now_);
  }
  Next Take() {
    error_.reset();
    return sweep_->Take(stream_, now_, &response_, &error_);
  }
  // What the stream hears, in words: matched, ended, failed, skipped, terminations told.
  std::string Say() {
    const Next next = Take();
    if (next == Next::kNothing) return "nothing";
    if (next == Next::kEnd) return error_ ? error_->reason : "end";
    return std::to_string(response_.matched_count()) + " " + std::to_string(response_.ended_count()) + " " +
           std::to_string(response_.failed_count()) + " " + std::to_string(response_.skipped_count()) + " " +
           std::to_string(response_.terminations_size());
  }
  // Takes so many calls out; how many there were.
  int TakeCalls(int count) {
    int taken = 0;
    while (taken < count && sweep_->TakeCall(now_)) ++taken;
    return taken;
  }
  void Came(int count, Result result = Result::kEnded, size_t note = 0) {
    v1::Termination termination;
    termination.set_name("terminations/a");
    termination.set_note(std::string(note, 'x'));
    for (int i = 0; i < count; ++i) sweep_->Came(result, termination);
  }

  Sweep::Clock::time_point now_{seconds(100)};
  std::unique_ptr<Sweep> sweep_;
  int64_t stream_ = 0;
  int rings_ = 0;
  int moves_ = 0;
  v1::ApplyCancelPolicyResponse response_;
  std::optional<base::Error> error_;
};

TEST_F(SweepTest, SaysHowManyMatchThenWhatCameThenTheEnd) {
  Open();
  EXPECT_EQ(Say(), "nothing");
  EXPECT_EQ(rings_, 0);
  Begin(3);
  EXPECT_EQ(rings_, 1);
  EXPECT_EQ(Say(), "3 0 0 0 0");
  EXPECT_EQ(response_.sweep(), "sweeps/a");
  EXPECT_EQ(Say(), "nothing");
  EXPECT_EQ(TakeCalls(9), 3);
  Came(1);
  Came(1, Result::kFailed);
  EXPECT_EQ(Say(), "nothing");
  EXPECT_EQ(rings_, 1);
  sweep_->Came(Result::kSkipped, std::nullopt);
  EXPECT_EQ(rings_, 2) << "the end does not wait for its time";
  EXPECT_EQ(Say(), "3 1 1 1 2");
  EXPECT_EQ(Say(), "end");
  EXPECT_TRUE(sweep_->finished());
}

TEST_F(SweepTest, NoMatchIsOverAtOnce) {
  Open();
  Begin(0);
  EXPECT_EQ(Say(), "0 0 0 0 0");
  EXPECT_EQ(Say(), "end");
}

TEST_F(SweepTest, NewsAfter200MillisecondsALifeSignAfterASecond) {
  Open(0, 5);
  Say();
  ASSERT_EQ(Say(), "nothing");
  EXPECT_EQ(sweep_->Tick(now_), now_ + seconds(1));
  EXPECT_EQ(TakeCalls(1), 1);
  Came(1);
  now_ += milliseconds(199);
  EXPECT_EQ(sweep_->Tick(now_), now_ + milliseconds(1));
  EXPECT_EQ(rings_, 0);
  now_ += milliseconds(1);
  sweep_->Tick(now_);
  EXPECT_EQ(rings_, 1);
  EXPECT_EQ(Say(), "5 1 0 0 1");
  ASSERT_EQ(Say(), "nothing");
  now_ += milliseconds(999);
  sweep_->Tick(now_);
  EXPECT_EQ(rings_, 1);
  now_ += milliseconds(1);
  sweep_->Tick(now_);
  sweep_->Tick(now_);
  EXPECT_EQ(rings_, 2);
  EXPECT_EQ(Say(), "5 1 0 0 0");
}

TEST_F(SweepTest, PacesAndGivesSkippedCallsNoTime) {
  Open(10, 5);
  EXPECT_EQ(TakeCalls(9), 1);
  EXPECT_EQ(sweep_->NextCall(), now_ + milliseconds(100));
  sweep_->Came(Result::kSkipped, std::nullopt);
  EXPECT_EQ(TakeCalls(9), 1) << "nothing was done: the next one may go";
  Came(1);
  EXPECT_EQ(TakeCalls(9), 0);
  now_ += milliseconds(100);
  EXPECT_EQ(*sweep_->TakeCall(now_), "calls/2");
}

TEST_F(SweepTest, APutBackCallIsTheNextOne) {
  Open(10, 5);
  sweep_->PutBack(*sweep_->TakeCall(now_));
  EXPECT_EQ(sweep_->left(), 5u);
  EXPECT_EQ(*sweep_->TakeCall(now_), "calls/0");
}

TEST_F(SweepTest, AMessageHasAThousandTerminationsAndASlowClientHoldsItUp) {
  Open(0, 5'000);
  Say();
  ASSERT_EQ(Say(), "nothing");
  for (int i = 0; i < 5'000 && TakeCalls(1) == 1; ++i) Came(1);
  EXPECT_EQ(rings_, 1) << "a message is full";
  EXPECT_EQ(sweep_->left(), 5'000 - Sweep::kBacklog);
  EXPECT_EQ(sweep_->NextCall(), Sweep::Clock::time_point::max());
  EXPECT_EQ(Say(), "5000 2000 0 0 1000");
  EXPECT_EQ(moves_, 1) << "there is room again";
  EXPECT_EQ(TakeCalls(1), 1);
  Came(1);
  EXPECT_EQ(Say(), "5000 2001 0 0 1000");
  EXPECT_EQ(Say(), "nothing") << "one is news, and news have their time";
}

TEST_F(SweepTest, LargeTerminationsAreBoundedByTheirBytes) {
  Open(0, 5'000);
  Say();
  for (int i = 0; i < 5'000 && TakeCalls(1) == 1; ++i) Came(1, Result::kEnded, 100'000);
  EXPECT_GT(sweep_->left(), 4'900u);
  ASSERT_EQ(Take(), Next::kResponse);
  EXPECT_LT(response_.ByteSizeLong(), Sweep::kMessageBytes + 1'000);
  EXPECT_GT(response_.terminations_size(), 20);
}

TEST_F(SweepTest, AClosedStreamEndsItAndAnotherContinuesIt) {
  Open(0, 4);
  Say();
  EXPECT_EQ(TakeCalls(2), 2);
  Came(1);
  sweep_->Close(stream_);
  EXPECT_EQ(moves_, 1);
  EXPECT_FALSE(sweep_->open());
  EXPECT_EQ(TakeCalls(1), 0);
  EXPECT_EQ(Say(), "end");
  Came(1);
  EXPECT_EQ(rings_, 0);

  const int64_t closed = stream_;
  OpenStream();
  sweep_->Close(closed);
  EXPECT_TRUE(sweep_->open()) << "only its own stream closes it";
  EXPECT_EQ(Say(), "4 2 0 0 0") << "what came meanwhile is counted and not told";
  EXPECT_EQ(TakeCalls(9), 2);
  Came(2);
  EXPECT_EQ(Say(), "4 4 0 0 2");
  EXPECT_EQ(Say(), "end");
  sweep_->Close(stream_);

  OpenStream();
  EXPECT_EQ(Say(), "4 4 0 0 0");
  EXPECT_EQ(Say(), "end");
}

TEST_F(SweepTest, AnErrorEndsTheStream) {
  Open();
  ASSERT_EQ(Say(), "nothing");
  sweep_->Fail(TooManyMatches(7, 5));
  EXPECT_EQ(rings_, 1);
  EXPECT_EQ(Say(), "TOO_MANY_MATCHES");
  EXPECT_EQ(error_->metadata.at("matched_count"), "7");
  EXPECT_FALSE(sweep_->begun());
}

TEST_F(SweepTest, AtTheEndCallsThatAreOverAreSkipped) {
  Open(0.001, 4);
  EXPECT_EQ(TakeCalls(9), 1);
  Came(1);
  Say();
  sweep_->Skip([](const std::string& call) { return call != "calls/3"; });
  EXPECT_FALSE(sweep_->finished());
  sweep_->Skip([](const std::string&) { return true; });
  EXPECT_EQ(Say(), "4 1 0 3 0");
  EXPECT_EQ(Say(), "end");
}

TEST_F(SweepTest, ShowsWhatWouldBeDone) {
  Open();
  sweep_->Show(7, std::deque<v1::Termination>(3));
  EXPECT_EQ(Say(), "7 0 0 0 3");
  EXPECT_EQ(Say(), "end");
}

}  // namespace
}  // namespace adieu::engine
