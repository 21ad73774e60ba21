#include "server/engine/slow_lane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <vector>

#include "tests/unit/engine/fakes.h"

namespace adieu::engine {
namespace {

TEST(SlowLane, RunsInOrderAndRefusesWhatIsTooMuch) {
  std::promise<void> begun, release;
  std::vector<int> done;
  SlowLane lane(2);
  ASSERT_TRUE(lane.Submit([&] {
    begun.set_value();
    release.get_future().wait_for(kPatience);
    done.push_back(0);
  }));
  ASSERT_EQ(begun.get_future().wait_for(kPatience), std::future_status::ready);
  EXPECT_TRUE(lane.Submit([&] { done.push_back(1); }));
  EXPECT_TRUE(lane.Submit([&] { done.push_back(2); }));
  EXPECT_FALSE(lane.Submit([&] { done.push_back(3); }));
  release.set_value();
  lane.Stop();
  EXPECT_THAT(done, testing::ElementsAre(0, 1, 2));
  EXPECT_FALSE(lane.Submit([&] { done.push_back(4); }));
  lane.Stop();
}

}  // namespace
}  // namespace adieu::engine
