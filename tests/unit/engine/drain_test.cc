#include "server/engine/drain.h"

#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "tests/unit/engine/fakes.h"

namespace adieu::engine {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

class DrainTest : public testing::Test {
 protected:
  DrainTest() { engine_.Connect(&port_, {}); }

  void Begin(const Drain::Options& options) {
    drain_.emplace(options, &engine_, &port_, &metrics_);
    drain_->Begin([this] { done_.Put(1); });
  }
  bool Done() { return done_.Take().has_value() && drain_->finished(); }
  void Ring(int count) {
    for (int i = 0; i < count; ++i) engine_.OnCall(MakeCall(std::to_string(i)));
  }
  v1::ListTerminationsResponse Terminations() {
    v1::ListTerminationsRequest request;
    request.set_page_size(1000);
    return *store_->List(request);
  }

  metrics::Metrics metrics_{"test"};
  FakePort port_;
  Inbox<int> done_;
  std::unique_ptr<store::Store> store_ = store::OpenMemory();
  Engine engine_{Engine::Options{.queue = 10}, store_.get(), &metrics_};
  std::optional<Drain> drain_;
};

TEST_F(DrainTest, WithoutCallsItIsOverAtOnce) {
  Begin({});
  EXPECT_TRUE(Done());
  EXPECT_EQ(port_.intake_stops(), 1);
  EXPECT_NE(metrics_.Text().find("adieu_draining 1"), std::string::npos);
}

TEST_F(DrainTest, HastensTheByesThatWait) {
  v1::Call call = MakeCall("0");
  engine_.OnCall(call);
  call.set_state(v1::CALL_STATE_TERMINATING);
  engine_.OnCall(call);
  port_.on_hasten = [&] {
    call.set_state(v1::CALL_STATE_TERMINATED);
    engine_.OnCall(call);
  };
  Begin({.answered_after = milliseconds(1)});
  EXPECT_TRUE(Done());
  EXPECT_EQ(port_.byes_hastened(), 1);
}

TEST_F(DrainTest, EndsEveryRingingCallOnce) {
  Ring(500);
  Begin({});
  {
    ObedientAgent agent(&port_, &engine_);
    EXPECT_TRUE(Done());
  }
  const auto terminations = Terminations();
  std::set<std::string> calls;
  for (const auto& termination : terminations.terminations()) {
    EXPECT_EQ(termination.trigger(), v1::TRIGGER_DRAIN);
    EXPECT_EQ(termination.intent(), v1::INTENT_MAINTENANCE);
    calls.insert(termination.call());
  }
  EXPECT_EQ(calls.size(), 500u);
  EXPECT_EQ(terminations.terminations_size(), 500);
}

TEST_F(DrainTest, ARefusedOrderIsTriedAgain) {
  Ring(20);
  port_.Refuse(30);
  Begin({});
  ObedientAgent agent(&port_, &engine_);
  EXPECT_TRUE(Done());
  EXPECT_EQ(engine_.registry().live_count(), 0u);
}

TEST_F(DrainTest, AnsweredCallsHaveTheirOwnTime) {
  engine_.OnCall(MakeCall("talking", v1::CALL_STATE_ANSWERED));
  engine_.OnCall(MakeCall("ringing"));
  Begin({.ringing_after = milliseconds(0), .answered_after = hours(1)});
  EXPECT_EQ(port_.orders.Take()->call, "calls/ringing");
  EXPECT_FALSE(drain_->finished());
  drain_->Hurry();
  EXPECT_EQ(port_.orders.Take()->call, "calls/talking");
}

TEST_F(DrainTest, ACallThatSomebodyEndsIsLeftToThem) {
  Ring(1);
  engine_.registry().Claim("calls/0", "terminations/t", v1::TRIGGER_REQUEST);
  Begin({});
  EXPECT_FALSE(port_.orders.Take(milliseconds(100)));
  engine_.OnCall(MakeCall("0", v1::CALL_STATE_TERMINATED));
  EXPECT_TRUE(Done());
}

TEST_F(DrainTest, AgentsThatDoNothingExhaustItsPatience) {
  Ring(3);
  Begin({.patience = milliseconds(50)});
  EXPECT_TRUE(Done());
  EXPECT_EQ(port_.orders.size(), 3u);
}

TEST_F(DrainTest, HurryEndsTheWaiting) {
  Ring(3);
  Begin({.ringing_after = hours(1), .hurried_patience = milliseconds(50)});
  drain_->Hurry();
  EXPECT_TRUE(Done());
  EXPECT_EQ(port_.orders.size(), 3u);
}

}  // namespace
}  // namespace adieu::engine
