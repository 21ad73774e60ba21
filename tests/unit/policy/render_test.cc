#include "server/policy/render.h"

#include <gtest/gtest.h>

#include "tests/unit/policy/textproto.h"

namespace adieu::policy {
namespace {

using Lines = std::vector<std::string>;

Lines HeadersOf(const Rendered& rendered) {
  Lines lines;
  for (const v1::Header& header : rendered.headers) lines.push_back(header.name() + ": " + header.value());
  return lines;
}

TEST(RenderTest, FinalResponseWithEverything) {
  const Rendered rendered = Render(Parse<v1::Treatment>(R"pb(
    final_response {
      status_code: 480
      reason_phrase: "Später"
      headers { name: "X-One" value: "1" }
      headers { name: "X-Two" value: "2" }
      error_info: "https://example.com/why"
      warning { code: 399 agent: "adieu" text: "say \"bye\" \\ now" }
      retry_after { seconds: 2678400 }
      reasons { q850_cause: 16 text: "Normal \"call\"" }
      reasons { sip_status: 480 }
    }
    cancel_reasons { sip_status: 200 text: "Call completed elsewhere" }
    bye_reasons { q850_cause: 16 }
    bye_reasons { sip_status: 200 text: "ok" }
  )pb"));
  EXPECT_EQ(rendered.action, v1::LEG_ACTION_FINAL_RESPONSE);
  EXPECT_EQ(rendered.status_code, 480);
  EXPECT_EQ(rendered.reason_phrase, "Später");
  EXPECT_EQ(HeadersOf(rendered), (Lines{R"(Reason: Q.850;cause=16;text="Normal \"call\"", SIP;cause=480)",
                                        "Retry-After: 2678400", R"(Warning: 399 adieu "say \"bye\" \\ now")",
                                        "Error-Info: <https://example.com/why>", "X-One: 1", "X-Two: 2"}));
  EXPECT_EQ(rendered.cancel_reason, R"(SIP;cause=200;text="Call completed elsewhere")");
  EXPECT_EQ(rendered.bye_reason, R"(Q.850;cause=16, SIP;cause=200;text="ok")");
  EXPECT_EQ(rendered.bye_after.count(), 0);
}

TEST(RenderTest, RedirectWithFallingPreference) {
  v1::Treatment treatment = Parse<v1::Treatment>("redirect { status_code: 300 }");
  std::string expected = "Contact: ";
  for (int i = 0; i < 8; ++i) {
    treatment.mutable_redirect()->add_contacts("sip:" + std::to_string(i) + "@example.com;transport=tcp");
    expected += (i == 0 ? "" : ", ") + std::string("<sip:") + std::to_string(i) +
                "@example.com;transport=tcp>;q=" + (i == 0 ? "1.0" : "0." + std::to_string(10 - i));
  }
  const Rendered rendered = Render(treatment);
  EXPECT_EQ(rendered.action, v1::LEG_ACTION_REDIRECT);
  EXPECT_EQ(rendered.status_code, 300);
  EXPECT_EQ(rendered.reason_phrase, "Multiple Choices");
  EXPECT_EQ(HeadersOf(rendered), Lines{expected});
}

TEST(RenderTest, AnswerThenBye) {
  const Rendered rendered =
      Render(Parse<v1::Treatment>("answer_then_bye { after { seconds: 2 nanos: 500000000 } }"));
  EXPECT_EQ(rendered.action, v1::LEG_ACTION_ANSWER_THEN_BYE);
  EXPECT_EQ(rendered.status_code, 200);
  EXPECT_EQ(rendered.reason_phrase, "OK");
  EXPECT_TRUE(rendered.headers.empty());
  EXPECT_EQ(rendered.bye_after, std::chrono::milliseconds(2500));
}

}  // namespace
}  // namespace adieu::policy
