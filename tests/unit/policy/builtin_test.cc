#include "server/policy/builtin.h"

#include <gtest/gtest.h>

#include <string>

#include "server/policy/intent.h"
#include "server/policy/render.h"
#include "server/policy/treatment_check.h"
#include "tests/unit/policy/calls.h"
#include "tests/unit/policy/textproto.h"
#include "tests/unit/policy/told.h"

namespace adieu::policy {
namespace {

const std::string kUserAgents[] = {"",
                                   "baresip v1.0.0",
                                   "Linphonec/5.1.65",
                                   "LinphoneDesktop/6.0.0",
                                   "Twinkle/1.10.2",
                                   "PJSUA v2.12",
                                   "JsSIP 3.10",
                                   "SIP.js/0.21.2",
                                   "Jami Daemon 13",
                                   "Asterisk PBX 18",
                                   "FreeSWITCH",
                                   "kamailio (5.6.3)",
                                   "Yealink SIP-T46S",
                                   "Foo/1.0"};

struct QuietCase {
  std::string user_agent;
  std::string told;
};

TEST(BuiltinTest, QuietByPhone) {
  const QuietCase cases[] = {
      {"", "480 Call ended|Reason: Q.850;cause=16;text=\"Normal call clearing\""},
      {"baresip v1.0.0", "487 Call ended"},
      {"Linphonec/5.1.65", "480 Call ended"},
      {"LinphoneDesktop/6.0.0", "487 Call ended"},
      {"Twinkle/1.10.2", "487 Call ended"},
      {"PJSUA v2.12", "487 Call ended"},
      {"JsSIP 3.10", "480 Call ended"},
      {"SIP.js/0.21.2", "480 Call ended"},
      {"Jami Daemon 13", "487 Call ended"},
      {"Asterisk PBX 18", "480 Call ended"},
      {"FreeSWITCH-mod_sofia/1.10", "487 Call ended"},
      {"kamailio (5.6.3)", "480 Call ended|Reason: Q.850;cause=16;text=\"Normal call clearing\""},
      {"Yealink SIP-T46S", "480 Call ended|Reason: Q.850;cause=16;text=\"Call ended\""},
      {"Foo/1.0", "487 Call ended"},
  };
  for (const QuietCase& c : cases) {
    EXPECT_EQ(Told(Render(Builtin(v1::INTENT_QUIET, From(c.user_agent)))), c.told) << c.user_agent;
    EXPECT_EQ(Told(Render(Builtin(v1::INTENT_UNSPECIFIED, From(c.user_agent)))), c.told) << c.user_agent;
    EXPECT_EQ(Told(Render(Builtin(v1::INTENT_ELSEWHERE, From(c.user_agent)))), c.told) << c.user_agent;
  }
}

struct IntentCase {
  v1::Intent intent;
  std::string told;
  std::string cancel_reason;
};

TEST(BuiltinTest, OtherIntentsForEveryPhone) {
  const IntentCase cases[] = {
      {v1::INTENT_BUSY, "486 Busy Here", ""},
      {v1::INTENT_DECLINED, "603 Decline", "SIP;cause=603"},
      {v1::INTENT_TRY_LATER, "480 Temporarily Unavailable|Retry-After: 120", ""},
      {v1::INTENT_MAINTENANCE, "480 Temporarily Unavailable|Retry-After: 60", ""},
      {v1::INTENT_NOT_FOUND, "404 Not Found", ""},
      {v1::INTENT_FORBIDDEN, "403 Forbidden", ""},
      {v1::INTENT_MOVED, "410 Gone", ""},
      {v1::INTENT_BLOCKED, "603 Decline", ""},
  };
  for (const IntentCase& c : cases) {
    for (const std::string& user_agent : kUserAgents) {
      const Rendered rendered = Render(Builtin(c.intent, From(user_agent)));
      EXPECT_EQ(Told(rendered), c.told) << user_agent;
      EXPECT_EQ(rendered.cancel_reason, c.cancel_reason);
    }
  }
}

TEST(BuiltinTest, CancelReasons) {
  EXPECT_EQ(Render(Builtin(v1::INTENT_QUIET, From(""))).cancel_reason, "");
  EXPECT_EQ(Render(Builtin(v1::INTENT_ELSEWHERE, From(""))).cancel_reason,
            "SIP;cause=200;text=\"Call completed elsewhere\"");
}

TEST(BuiltinTest, EveryAnswerIsAcceptedCompleteAndSaysGoodbye) {
  for (int number = 0; number <= v1::Intent_MAX; ++number) {
    const auto intent = static_cast<v1::Intent>(number);
    for (const std::string& user_agent : kUserAgents) {
      const v1::Treatment treatment = Builtin(intent, From(user_agent));
      const auto error = CheckTreatment(treatment, v1::TRIGGER_REQUEST, "treatment");
      EXPECT_FALSE(error) << IntentName(intent) << ' ' << user_agent << ": " << error->message;
      EXPECT_EQ(Complete(treatment, intent, From(user_agent)).SerializeAsString(),
                treatment.SerializeAsString());
      EXPECT_EQ(Render(treatment).bye_reason, "Q.850;cause=16;text=\"Normal call clearing\"");
    }
  }
}

// No phone that was measured plays an error tone or shows error words for its QUIET.
TEST(BuiltinTest, QuietNeverUsesACodeWithATone) {
  for (const std::string& user_agent : kUserAgents) {
    const v1::FinalResponse response = Builtin(v1::INTENT_QUIET, From(user_agent)).final_response();
    EXPECT_TRUE(response.status_code() == 480 || response.status_code() == 487) << user_agent;
    if (response.status_code() == 487) {
      EXPECT_TRUE(response.reasons().empty()) << user_agent;
    }
  }
}

struct CompleteCase {
  std::string given;
  v1::Intent intent;
  std::string told;
  std::string cancel_reason;
  std::string bye_reason;
};

constexpr char kNormal[] = "Q.850;cause=16;text=\"Normal call clearing\"";
constexpr char kElsewhere[] = "SIP;cause=200;text=\"Call completed elsewhere\"";

TEST(CompleteTest, FillsWhatIsLeftOut) {
  const CompleteCase cases[] = {
      {"", v1::INTENT_BUSY, "486 Busy Here", "", kNormal},
      {"", v1::INTENT_ELSEWHERE, "487 Call ended", kElsewhere, kNormal},
      {"bye_reasons { q850_cause: 31 }", v1::INTENT_UNSPECIFIED, "487 Call ended", "", "Q.850;cause=31"},
      {"cancel_reasons { sip_status: 486 }", v1::INTENT_DECLINED, "603 Decline", "SIP;cause=486", kNormal},
      {"as_intent: INTENT_MOVED", v1::INTENT_BUSY, "410 Gone", "", kNormal},
      {"as_intent: INTENT_ELSEWHERE", v1::INTENT_BUSY, "487 Call ended", kElsewhere, kNormal},
      {"final_response { status_code: 404 }", v1::INTENT_BUSY, "404 Not Found", "", kNormal},
      {"final_response { status_code: 404 }", v1::INTENT_ELSEWHERE, "404 Not Found", kElsewhere, kNormal},
      {"final_response { status_code: 404 reason_phrase: 'Nobody' }", v1::INTENT_BUSY, "404 Nobody", "",
       kNormal},
      {"final_response { status_code: 499 }", v1::INTENT_BUSY, "499 Request Failure", "", kNormal},
      {"final_response { status_code: 488 warning { code: 399 text: 'No' } }", v1::INTENT_BUSY,
       "488 Not Acceptable Here|Warning: 399 adieu \"No\"", "", kNormal},
      {"final_response { status_code: 488 warning { code: 370 agent: 'a.example' text: 'No' } }",
       v1::INTENT_BUSY, "488 Not Acceptable Here|Warning: 370 a.example \"No\"", "", kNormal},
      {"final_response { status_code: 486 derive_reason: CAUSE_MAP_RFC3398 }", v1::INTENT_BUSY,
       "486 Busy Here|Reason: Q.850;cause=17;text=\"User busy\"", "", kNormal},
      {"final_response { status_code: 480 derive_reason: CAUSE_MAP_ASTERISK reasons { sip_status: 480 } }",
       v1::INTENT_BUSY,
       "480 Temporarily Unavailable|Reason: SIP;cause=480, Q.850;cause=19;text=\"No answer from user (user "
       "alerted)\"",
       "", kNormal},
      {"final_response { status_code: 486 derive_reason: CAUSE_MAP_RFC3398 reasons { q850_cause: 17 "
       "location: "
       "'LN' } }",
       v1::INTENT_BUSY, "486 Busy Here|Reason: Q.850;cause=17;location=LN", "", kNormal},
      {"final_response { status_code: 603 reason_phrase: 'Network Blocked' reasons { q850_cause: 21 text: "
       "'v=analytics1;url=https://a.example' location: 'RLN' } }",
       v1::INTENT_BLOCKED,
       "603 Network Blocked|Reason: Q.850;cause=21;text=\"v=analytics1;url=https://a.example\";location=RLN",
       "", kNormal},
      {"redirect { contacts: 'sip:a@b' }", v1::INTENT_BUSY, "302 Moved Temporarily|Contact: <sip:a@b>;q=1.0",
       "", kNormal},
      {"redirect { status_code: 301 contacts: 'sip:a@b' }", v1::INTENT_BUSY,
       "301 Moved Permanently|Contact: <sip:a@b>;q=1.0", "", kNormal},
      {"answer_then_bye {}", v1::INTENT_BUSY, "200 OK", "", kNormal},
  };
  for (const CompleteCase& c : cases) {
    const v1::Treatment complete = Complete(Parse<v1::Treatment>(c.given), c.intent, From("Foo/1.0"));
    EXPECT_NE(complete.caller_case(), v1::Treatment::kAsIntent);
    const Rendered rendered = Render(complete);
    EXPECT_EQ(Told(rendered), c.told) << c.given;
    EXPECT_EQ(Complete(complete, c.intent, From("")).SerializeAsString(), complete.SerializeAsString());
    EXPECT_EQ(rendered.cancel_reason, c.cancel_reason) << c.given;
    EXPECT_EQ(rendered.bye_reason, c.bye_reason) << c.given;
  }
}

TEST(CompleteTest, RelayAndProceedStay) {
  EXPECT_TRUE(Complete(Parse<v1::Treatment>("relay {}"), v1::INTENT_QUIET, From("")).has_relay());
  EXPECT_TRUE(Complete(Parse<v1::Treatment>("proceed {}"), v1::INTENT_QUIET, From("")).has_proceed());
  EXPECT_EQ(Render(Parse<v1::Treatment>("relay {}")).action, v1::LEG_ACTION_NONE);
}

}  // namespace
}  // namespace adieu::policy
