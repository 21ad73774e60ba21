#include "server/policy/trigger_table.h"

#include <gtest/gtest.h>

namespace adieu::policy {
namespace {

struct Case {
  v1::Trigger trigger;
  v1::Intent requested;
  v1::Intent seen;
  v1::Intent fill;
};

TEST(TriggerTableTest, Intents) {
  const Case cases[] = {
      {v1::TRIGGER_REQUEST, v1::INTENT_BUSY, v1::INTENT_BUSY, v1::INTENT_BUSY},
      {v1::TRIGGER_REQUEST, v1::INTENT_UNSPECIFIED, v1::INTENT_QUIET, v1::INTENT_QUIET},
      {v1::TRIGGER_REQUEST, static_cast<v1::Intent>(77), v1::INTENT_QUIET, v1::INTENT_QUIET},
      {v1::TRIGGER_RING_TIMEOUT, v1::INTENT_BUSY, v1::INTENT_TRY_LATER, v1::INTENT_TRY_LATER},
      {v1::TRIGGER_DRAIN, v1::INTENT_BUSY, v1::INTENT_MAINTENANCE, v1::INTENT_MAINTENANCE},
      {v1::TRIGGER_ARRIVAL, v1::INTENT_BUSY, v1::INTENT_UNSPECIFIED, v1::INTENT_QUIET},
      {v1::TRIGGER_FAR_END_FAILURE, v1::INTENT_BUSY, v1::INTENT_UNSPECIFIED, v1::INTENT_QUIET},
      {v1::TRIGGER_CALLER_CANCEL, v1::INTENT_BUSY, v1::INTENT_UNSPECIFIED, v1::INTENT_QUIET},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(IntentOf(c.trigger, c.requested), c.seen) << v1::Trigger_Name(c.trigger);
    EXPECT_EQ(FillIntentOf(c.trigger, c.requested), c.fill) << v1::Trigger_Name(c.trigger);
  }
}

TEST(TriggerTableTest, WhoCanAskWithAnIntent) {
  for (int number = v1::INTENT_QUIET; number <= v1::Intent_MAX; ++number) {
    const auto intent = static_cast<v1::Intent>(number);
    EXPECT_TRUE(CanAskWith(v1::TRIGGER_REQUEST, intent));
    EXPECT_EQ(CanAskWith(v1::TRIGGER_RING_TIMEOUT, intent), intent == v1::INTENT_TRY_LATER);
    EXPECT_EQ(CanAskWith(v1::TRIGGER_DRAIN, intent), intent == v1::INTENT_MAINTENANCE);
    EXPECT_FALSE(CanAskWith(v1::TRIGGER_ARRIVAL, intent));
    EXPECT_FALSE(CanAskWith(v1::TRIGGER_FAR_END_FAILURE, intent));
    EXPECT_FALSE(CanAskWith(v1::TRIGGER_CALLER_CANCEL, intent));
  }
  EXPECT_FALSE(CanAskWith(v1::TRIGGER_REQUEST, v1::INTENT_UNSPECIFIED));
  EXPECT_FALSE(CanAskWith(v1::TRIGGER_ARRIVAL, v1::INTENT_UNSPECIFIED));
}

TEST(TriggerTableTest, CodesThatMustBeNamed) {
  for (const int code : {300, 302, 380, 399, 401, 407, 422}) EXPECT_TRUE(MustBeNamed(code)) << code;
  for (const int code : {0, 200, 299, 400, 403, 408, 421, 423, 480, 486, 487, 500, 503, 603, 699}) {
    EXPECT_FALSE(MustBeNamed(code)) << code;
  }
}

}  // namespace
}  // namespace adieu::policy
