#include "server/engine/order.h"

#include <gtest/gtest.h>

#include "tests/unit/engine/fakes.h"

namespace adieu::engine {
namespace {

v1::Call CallWithCallee() {
  v1::Call call = MakeCall("a");
  call.mutable_callee()->set_state(v1::CALL_STATE_RINGING);
  return call;
}

// Which of the two modes would be answered.
std::string Answered(Order* order) {
  static std::string answered;
  answered.clear();
  order->Add({v1::WAIT_SENT, [](const auto&) { answered += "sent "; }});
  order->Add({v1::WAIT_ENDED, [](const auto&) { answered += "ended "; }});
  for (const TerminateDone& done : order->TakeReady()) done(v1::Termination());
  return answered;
}

TEST(OrderTest, WaitModes) {
  const struct {
    const char* what;
    bool committed;
    std::vector<v1::LegEnding> reports;
    bool callee;
    const char* answered;
  } cases[] = {
      {"nothing yet", true, {}, false, ""},
      {"sent", true, {MakeLeg(v1::LEG_OUTCOME_SENT)}, false, "sent "},
      {"held", true, {MakeLeg(v1::LEG_OUTCOME_HELD)}, false, "sent "},
      {"sent, not stored", false, {MakeLeg(v1::LEG_OUTCOME_SENT)}, false, ""},
      {"ended", true, {MakeLeg(v1::LEG_OUTCOME_ENDED)}, false, "sent ended "},
      {"ended, not stored", false, {MakeLeg(v1::LEG_OUTCOME_ENDED)}, false, ""},
      {"the peer was first", true, {MakeLeg(v1::LEG_OUTCOME_PEER_FIRST)}, false, "sent ended "},
      {"one leg of two", true, {MakeLeg(v1::LEG_OUTCOME_ENDED)}, true, ""},
      {"two legs",
       true,
       {MakeLeg(v1::LEG_OUTCOME_ENDED), MakeLeg(v1::LEG_OUTCOME_HELD, 0, v1::LEG_SIDE_CALLEE)},
       true,
       "sent "},
      {"both ended",
       true,
       {MakeLeg(v1::LEG_OUTCOME_ENDED), MakeLeg(v1::LEG_OUTCOME_TIMED_OUT, 0, v1::LEG_SIDE_CALLEE)},
       true,
       "sent ended "},
      {"the agent does not know the call",
       true,
       {MakeLeg(v1::LEG_OUTCOME_FAILED, 0, v1::LEG_SIDE_UNSPECIFIED)},
       true,
       "sent ended "},
  };
  for (const auto& c : cases) {
    Order order({}, c.callee ? CallWithCallee() : MakeCall("a"));
    for (const auto& leg : c.reports) order.Report(leg);
    if (c.committed) order.Commit();
    EXPECT_EQ(Answered(&order), c.answered) << c.what;
  }
}

TEST(OrderTest, StepsAreToldOnce) {
  Order order({}, MakeCall("a"));
  EXPECT_FALSE(order.Report(MakeLeg(v1::LEG_OUTCOME_HELD)).first_sent);
  EXPECT_TRUE(order.Report(MakeLeg(v1::LEG_OUTCOME_SENT)).first_sent);
  EXPECT_FALSE(order.Report(MakeLeg(v1::LEG_OUTCOME_SENT)).first_sent);
  Order::Step step = order.Report(MakeLeg(v1::LEG_OUTCOME_ENDED));
  EXPECT_TRUE(step.leg_ended && step.settled && !step.first_sent);
  step = order.Report(MakeLeg(v1::LEG_OUTCOME_FAILED));
  EXPECT_FALSE(step.leg_ended || step.settled);
  EXPECT_EQ(order.termination().legs_size(), 1);
  EXPECT_EQ(order.termination().legs(0).outcome(), v1::LEG_OUTCOME_ENDED) << "final is final";
}

TEST(OrderTest, AbandonFailsWhatIsOpen) {
  Order order({}, CallWithCallee());
  order.Report(MakeLeg(v1::LEG_OUTCOME_ENDED));
  const auto abandoned = order.Abandon(std::chrono::system_clock::now());
  ASSERT_EQ(abandoned.size(), 1u);
  EXPECT_EQ(abandoned[0].side(), v1::LEG_SIDE_CALLEE);
  EXPECT_EQ(abandoned[0].outcome(), v1::LEG_OUTCOME_FAILED);
  EXPECT_TRUE(order.settled());
  EXPECT_FALSE(order.finished());
  order.Commit();
  EXPECT_TRUE(order.finished());
}

}  // namespace
}  // namespace adieu::engine
