#include "client/cli/treatment_text.h"

#include <gtest/gtest.h>

#include "tests/unit/client/text.h"

namespace adieu::cli {
namespace {

TEST(TreatmentTextTest, OneLineForEachKind) {
  struct Case {
    const char* treatment;
    const char* text;
  };
  const Case cases[] = {
      {"", "the built-in answer"},
      {"final_response { status_code: 480 }", "480"},
      {R"(final_response { status_code: 480 reason_phrase: "Call ended" reasons { q850_cause: 16 text: "x" location: "LN" }
                           reasons { sip_status: 480 } retry_after { seconds: 30 } warning { code: 399 text: "w" }
                           error_info: "sip:x@y" headers { name: "A" value: "b" } })",
       "480 Call ended, Reason: Q.850;cause=16;text=\"x\";location=LN, SIP;cause=480, Retry-After: 30, "
       "Warning: 399 adieu \"w\", Error-Info: <sip:x@y>, A: b"},
      {"final_response { status_code: 486 derive_reason: CAUSE_MAP_ASTERISK }", "486, Reason by ASTERISK"},
      {R"(redirect { contacts: "sip:a@b" contacts: "tel:1" })", "302 to sip:a@b, tel:1"},
      {"answer_then_bye {}", "200 OK, then BYE at once"},
      {"answer_then_bye { after { nanos: 500000000 } }", "200 OK, then BYE after 0.500s"},
      {"as_intent: INTENT_TRY_LATER", "as intent TRY_LATER"},
      {"relay {}", "relay what the other side sent"},
      {"proceed {}", "let the call go on"},
      {R"(relay {} cancel_reasons { sip_status: 603 } bye_reasons { q850_cause: 16 })",
       "relay what the other side sent | CANCEL: SIP;cause=603 | BYE: Q.850;cause=16"},
  };
  for (const Case& c : cases) EXPECT_EQ(TreatmentText(FromText<v1::Treatment>(c.treatment)), c.text);
}

}  // namespace
}  // namespace adieu::cli
