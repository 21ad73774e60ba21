#include "server/sip/invite_gate.h"

#include <gtest/gtest.h>

#include <string>

namespace adieu::sip {
namespace {

using metrics::RejectReason;
using std::chrono::milliseconds;

constexpr size_t kShort = 0;
constexpr size_t kLong = 1 << 20;
const InviteGate::Clock::time_point kBegin{};

TEST(InviteGate, LetsEverybodyInWithoutLimits) {
  InviteGate gate({}, kBegin);
  for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(gate.Refuses("192.0.2.1:5060", kShort, kBegin));
}

TEST(InviteGate, BoundsAllSourcesTogether) {
  InviteGate gate({.per_second = 2}, kBegin);
  EXPECT_FALSE(gate.Refuses("192.0.2.1:5060", kShort, kBegin));
  EXPECT_FALSE(gate.Refuses("192.0.2.2:5060", kShort, kBegin));
  EXPECT_EQ(gate.Refuses("192.0.2.3:5060", kShort, kBegin), RejectReason::kRate);
  EXPECT_FALSE(gate.Refuses("192.0.2.3:5060", kShort, kBegin + milliseconds(500)));
}

TEST(InviteGate, BoundsEachSourceWhateverItsPort) {
  InviteGate gate({.per_source_per_second = 1}, kBegin);
  EXPECT_FALSE(gate.Refuses("192.0.2.1:5060", kShort, kBegin));
  EXPECT_EQ(gate.Refuses("192.0.2.1:5061", kShort, kBegin), RejectReason::kSourceRate);
  EXPECT_FALSE(gate.Refuses("192.0.2.2:5060", kShort, kBegin));
  EXPECT_FALSE(gate.Refuses("[2001:db8::1]:5060", kShort, kBegin));
  EXPECT_EQ(gate.Refuses("[2001:db8::2]:5060", kShort, kBegin), RejectReason::kSourceRate);
  EXPECT_FALSE(gate.Refuses("[2001:db8:0:1::1]:5060", kShort, kBegin));
}

TEST(InviteGate, OneSourceTakesNothingFromTheOthers) {
  InviteGate gate({.per_second = 2, .per_source_per_second = 1}, kBegin);
  for (int i = 0; i < 10; ++i) gate.Refuses("192.0.2.1:5060", kShort, kBegin);
  EXPECT_FALSE(gate.Refuses("192.0.2.2:5060", kShort, kBegin));
}

TEST(InviteGate, ForgetsTheSourceThatWasSilentLongest) {
  InviteGate gate({.per_source_per_second = 1}, kBegin);
  gate.Refuses("10.0.0.0:1", kShort, kBegin);
  for (int i = 1; i <= 65'536; ++i) {
    const std::string source = "10." + std::to_string(1 + i / 65'536) + "." + std::to_string(i / 256 % 256) +
                               "." + std::to_string(i % 256) + ":1";
    ASSERT_FALSE(gate.Refuses(source, kShort, kBegin));
    // The first one stays known for as long as it is heard.
    if (i % 1'000 == 0) {
      ASSERT_EQ(gate.Refuses("10.0.0.0:1", kShort, kBegin), RejectReason::kSourceRate);
    }
  }
  EXPECT_EQ(gate.Refuses("10.0.0.0:1", kShort, kBegin), RejectReason::kSourceRate);
  EXPECT_FALSE(gate.Refuses("10.1.0.1:1", kShort, kBegin));
}

TEST(InviteGate, RefusesWhenTheQueueStaysLong) {
  InviteGate gate({}, kBegin);
  EXPECT_FALSE(gate.Refuses("192.0.2.1:5060", kLong, kBegin));
  EXPECT_FALSE(gate.Refuses("192.0.2.1:5060", kLong, kBegin + milliseconds(499)));
  EXPECT_EQ(gate.Refuses("192.0.2.1:5060", kLong, kBegin + milliseconds(500)), RejectReason::kOverload);
  EXPECT_FALSE(gate.Refuses("192.0.2.1:5060", kShort, kBegin + milliseconds(501)));
  EXPECT_FALSE(gate.Refuses("192.0.2.1:5060", kLong, kBegin + milliseconds(900)));
  EXPECT_FALSE(gate.Refuses("192.0.2.1:5060", kLong, kBegin + milliseconds(1'399)));
}

}  // namespace
}  // namespace adieu::sip
