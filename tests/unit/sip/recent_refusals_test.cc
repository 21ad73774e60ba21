#include "server/sip/recent_refusals.h"

#include <gtest/gtest.h>

#include <string>

namespace adieu::sip {
namespace {

const RecentRefusals::Clock::time_point kBegin{};

TEST(RecentRefusals, AreKeptFor64T1) {
  RecentRefusals refusals;
  refusals.Add("a", kBegin);
  refusals.Add("b", kBegin + std::chrono::seconds(1));
  EXPECT_TRUE(refusals.Has("a", kBegin + std::chrono::milliseconds(31'999)));
  EXPECT_FALSE(refusals.Has("a", kBegin + std::chrono::seconds(32)));
  EXPECT_TRUE(refusals.Has("b", kBegin + std::chrono::seconds(32)));
  refusals.Add("a", kBegin + std::chrono::seconds(40));
  EXPECT_TRUE(refusals.Has("a", kBegin + std::chrono::seconds(41)));
}

TEST(RecentRefusals, AreBounded) {
  RecentRefusals refusals;
  for (size_t i = 0; i <= RecentRefusals::kMax; ++i) refusals.Add(std::to_string(i), kBegin);
  EXPECT_FALSE(refusals.Has("0", kBegin));
  EXPECT_TRUE(refusals.Has(std::to_string(RecentRefusals::kMax), kBegin));
}

}  // namespace
}  // namespace adieu::sip
