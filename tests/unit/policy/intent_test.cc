#include "server/policy/intent.h"

#include <gtest/gtest.h>

namespace adieu::policy {
namespace {

TEST(IntentTest, UnspecifiedIsQuiet) {
  EXPECT_EQ(ResolveIntent(v1::INTENT_UNSPECIFIED), v1::INTENT_QUIET);
  EXPECT_EQ(ResolveIntent(v1::INTENT_BUSY), v1::INTENT_BUSY);
  EXPECT_EQ(IntentName(v1::INTENT_UNSPECIFIED), "quiet");
}

TEST(IntentTest, EveryIntentHasANameThatLeadsBack) {
  for (int number = v1::INTENT_QUIET; number <= v1::Intent_MAX; ++number) {
    const auto intent = static_cast<v1::Intent>(number);
    EXPECT_EQ(IntentFromName(IntentName(intent)), intent);
    EXPECT_EQ(IntentFromName(v1::Intent_Name(intent)), intent);
  }
}

TEST(IntentTest, Names) {
  EXPECT_EQ(IntentFromName("Try-Later"), v1::INTENT_TRY_LATER);
  EXPECT_EQ(IntentFromName("NOT_FOUND"), v1::INTENT_NOT_FOUND);
  EXPECT_EQ(IntentFromName(""), std::nullopt);
  EXPECT_EQ(IntentFromName("loud"), std::nullopt);
  EXPECT_EQ(IntentFromName("INTENT_UNSPECIFIED"), std::nullopt);
  EXPECT_EQ(IntentName(static_cast<v1::Intent>(99)), "unknown");
}

}  // namespace
}  // namespace adieu::policy
