#include "server/engine/ladder.h"

#include <gtest/gtest.h>

namespace adieu::engine {
namespace {

v1::SipMessage Message(uint32_t cseq) {
  v1::SipMessage message;
  message.set_method("INVITE");
  message.set_cseq(cseq);
  return message;
}

std::vector<uint32_t> Kept(uint32_t count) {
  Ladder ladder;
  for (uint32_t i = 1; i <= count; ++i) ladder.Append(Message(i));
  v1::Call call;
  ladder.CopyTo(&call);
  std::vector<uint32_t> kept;
  for (const auto& message : call.messages()) kept.push_back(message.cseq());
  return kept;
}

TEST(LadderTest, KeepsTheFirstAndTheLast) {
  const struct {
    uint32_t appended;
    size_t kept;
    uint32_t after_the_first;
  } cases[] = {{0, 0, 0}, {1, 1, 0}, {32, 32, 0}, {33, 33, 33}, {64, 64, 33}, {65, 64, 34}, {1000, 64, 969}};
  for (const auto& c : cases) {
    const auto kept = Kept(c.appended);
    ASSERT_EQ(kept.size(), c.kept) << c.appended;
    for (size_t i = 0; i < kept.size(); ++i) {
      EXPECT_EQ(kept[i], i < 32 ? i + 1 : c.after_the_first + (i - 32)) << c.appended;
    }
  }
}

TEST(LadderTest, CutsLongTextsBetweenCharacters) {
  Ladder ladder;
  v1::SipMessage message = Message(1);
  message.set_reason_phrase(std::string(255, 'x') + "\u00e4");
  message.set_reason(std::string(10'000, 'y'));
  ladder.Append(message);
  v1::Call call;
  ladder.CopyTo(&call);
  ASSERT_EQ(call.messages_size(), 1);
  EXPECT_EQ(call.messages(0).reason_phrase(), std::string(255, 'x'));
  EXPECT_EQ(call.messages(0).reason().size(), Ladder::kMaxText);
}

}  // namespace
}  // namespace adieu::engine
