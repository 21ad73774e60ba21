#include "client/cli/enums.h"

#include <gtest/gtest.h>

#include "adieu/v1/call_state.pb.h"
#include "adieu/v1/treatment.pb.h"

namespace adieu::cli {
namespace {

const google::protobuf::EnumDescriptor& Intents() { return *v1::Intent_descriptor(); }

TEST(EnumsTest, FindsAValueByAnySpelling) {
  for (const char* text :
       {"INTENT_TRY_LATER", "intent_try_later", "TRY_LATER", "try_later", "try-later", "Try-Later"}) {
    const auto* value = FindEnumValue(Intents(), text);
    ASSERT_NE(value, nullptr) << text;
    EXPECT_EQ(value->number(), v1::INTENT_TRY_LATER) << text;
  }
  for (const char* text : {"", "later", "INTENT_", "4", "try later"}) {
    EXPECT_EQ(FindEnumValue(Intents(), text), nullptr) << text;
  }
}

TEST(EnumsTest, ShortNames) {
  EXPECT_EQ(ShortName(v1::INTENT_TRY_LATER), "TRY_LATER");
  EXPECT_EQ(ShortName(v1::CALL_STATE_RINGING), "RINGING");
  EXPECT_EQ(ShortName(v1::INTENT_UNSPECIFIED), "");
  EXPECT_EQ(ShortEnumName(Intents(), 4711), "4711");
}

TEST(EnumsTest, ChoicesAsAPersonWritesThem) {
  EXPECT_EQ(EnumChoices(*v1::CallState_descriptor()), "ringing, answered, terminating, terminated");
}

}  // namespace
}  // namespace adieu::cli
