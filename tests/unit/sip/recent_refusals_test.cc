#include "server/sip/recent_refusals.h"

#include <gtest/gtest.h>

#include <string>

namespace adieu::sip {
namespace {

const RecentRefusals::Clock::time_point kBegin{};
constexpr auto kReason = metrics::RejectReason::kRate;

TEST(RecentRefusals, AreKeptFor64T1) {
  RecentRefusals refusals;
  refusals.Add("a", kReason, kBegin);
  refusals.Add("b", kReason, kBegin + std::chrono::seconds(1));
  EXPECT_EQ(refusals.Find("a", kBegin + std::chrono::milliseconds(31'999)), kReason);
  EXPECT_FALSE(refusals.Find("a", kBegin + std::chrono::seconds(32)));
  EXPECT_EQ(refusals.Find("b", kBegin + std::chrono::seconds(32)), kReason);
  refusals.Add("a", kReason, kBegin + std::chrono::seconds(40));
  EXPECT_EQ(refusals.Find("a", kBegin + std::chrono::seconds(41)), kReason);
}

TEST(RecentRefusals, AreBounded) {
  RecentRefusals refusals;
  for (size_t i = 0; i <= RecentRefusals::kMax; ++i) refusals.Add(std::to_string(i), kReason, kBegin);
  EXPECT_FALSE(refusals.Find("0", kBegin));
  EXPECT_EQ(refusals.Find(std::to_string(RecentRefusals::kMax), kBegin), kReason);
}

}  // namespace
}  // namespace adieu::sip
