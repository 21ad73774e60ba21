#include "server/policy/treatment_check.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/policy/causes.h"
#include "tests/unit/policy/textproto.h"

namespace adieu::policy {
namespace {

std::string Times(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

// The field that is refused; "ok": none. `text` is what stands in the treatment.
std::string RefusedField(const std::string& text, v1::Trigger trigger = v1::TRIGGER_REQUEST) {
  const auto error = CheckTreatment(Parse<v1::Treatment>(text), trigger, "treatment");
  if (!error) return "ok";
  EXPECT_TRUE(error->code == absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(error->reason, "INVALID_FIELD");
  EXPECT_EQ(error->violations.size(), 1u);
  EXPECT_FALSE(error->violations[0].description.empty());
  const std::string& field = error->violations[0].field;
  if (field == "treatment") return ".";
  EXPECT_TRUE(field.starts_with("treatment.")) << field;
  return field.substr(10);
}

struct Case {
  std::string text;
  std::string refused;
};

void ExpectAll(const std::vector<Case>& cases) {
  for (const Case& c : cases) EXPECT_EQ(RefusedField(c.text), c.refused) << c.text;
}

// A final response with this in it beside the code.
std::string Response(int code, const std::string& more) {
  return "final_response { status_code: " + std::to_string(code) + " " + more + " }";
}

TEST(TreatmentCheckTest, StatusCodes) {
  ExpectAll({{"", "ok"},
             {"final_response {}", "final_response.status_code"},
             {Response(200, ""), "final_response.status_code"},
             {Response(399, ""), "final_response.status_code"},
             {Response(400, ""), "ok"},
             {Response(487, ""), "ok"},
             {Response(503, ""), "ok"},
             {Response(607, ""), "ok"},
             {Response(699, ""), "ok"},
             {Response(700, ""), "final_response.status_code"},
             {Response(-486, ""), "final_response.status_code"}});
}

TEST(TreatmentCheckTest, Phrases) {
  const std::string long_phrase(128, 'a');
  ExpectAll({{Response(486, "reason_phrase: '" + long_phrase + "'"), "ok"},
             {Response(486, "reason_phrase: '" + long_phrase + "a'"), "final_response.reason_phrase"},
             {Response(486, "reason_phrase: '" + Times(64, "é") + "'"), "ok"},
             {Response(486, "reason_phrase: '" + Times(65, "é") + "'"), "final_response.reason_phrase"},
             {Response(486, "reason_phrase: 'say \"bye\" \\\\'"), "ok"},
             {Response(486, "reason_phrase: 'a\\r\\nX: y'"), "final_response.reason_phrase"},
             {Response(486, "reason_phrase: 'a\\nb'"), "final_response.reason_phrase"},
             {Response(486, "reason_phrase: 'a\\tb'"), "final_response.reason_phrase"},
             {Response(486, "reason_phrase: 'a\\000b'"), "final_response.reason_phrase"},
             {Response(486, "reason_phrase: 'a\\177b'"), "final_response.reason_phrase"},
             {Response(486, "reason_phrase: 'a\\302\\205b'"), "final_response.reason_phrase"}});
}

// TextFormat itself refuses what is not UTF-8.
TEST(TreatmentCheckTest, InvalidUtf8) {
  for (const std::string text :
       {"\xff", "\xc3", "\xc0\x8a", "\xe0\x80\x8a", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    v1::Treatment treatment;
    treatment.mutable_final_response()->set_status_code(486);
    treatment.mutable_final_response()->set_reason_phrase(text);
    EXPECT_TRUE(CheckTreatment(treatment, v1::TRIGGER_REQUEST, "treatment")) << text;
  }
}

TEST(TreatmentCheckTest, Reasons) {
  ExpectAll(
      {{Response(486, "reasons { q850_cause: 17 text: 'Busy' } reasons { sip_status: 486 }"), "ok"},
       {Response(486, "reasons { q850_cause: 16 }"), "final_response.reasons[0].q850_cause"},
       {Response(486, "reasons { q850_cause: 17 } reasons { sip_status: 480 }"),
        "final_response.reasons[1].sip_status"},
       {Response(486, "reasons { q850_cause: 17 } reasons { q850_cause: 17 }"), "final_response.reasons[1]"},
       {Response(486, "reasons { text: 'x' }"), "final_response.reasons[0]"},
       {Response(486, "reasons { q850_cause: 0 }"), "final_response.reasons[0].q850_cause"},
       {Response(486, "reasons { q850_cause: 128 }"), "final_response.reasons[0].q850_cause"},
       {Response(486, "reasons { q850_cause: 17 text: 'a\\rb' }"), "final_response.reasons[0].text"},
       {Response(486, "reasons { q850_cause: 17 text: '" + std::string(129, 'a') + "' }"),
        "final_response.reasons[0].text"},
       {"cancel_reasons { sip_status: 200 text: 'Call completed elsewhere' }", "ok"},
       {"cancel_reasons { sip_status: 199 }", "cancel_reasons[0].sip_status"},
       {"cancel_reasons { sip_status: 700 }", "cancel_reasons[0].sip_status"},
       {"cancel_reasons { sip_status: 486 } cancel_reasons { sip_status: 603 }", "cancel_reasons[1]"},
       {"bye_reasons { q850_cause: 127 }", "ok"},
       {"bye_reasons { q850_cause: 16 } bye_reasons { sip_status: 200 }", "ok"},
       {"bye_reasons { q850_cause: 16 } bye_reasons {}", "bye_reasons[1]"}});
}

TEST(TreatmentCheckTest, Locations) {
  for (const std::string good : {"U", "LPN", "LN", "TN", "RLN", "RPN", "LOC-6", "INTL", "BI"}) {
    EXPECT_EQ(RefusedField(Response(486, "reasons { q850_cause: 17 location: '" + good + "' }")), "ok")
        << good;
    EXPECT_EQ(RefusedField("cancel_reasons { q850_cause: 17 location: '" + good + "' }"), "ok") << good;
  }
  const std::string refused = "final_response.reasons[0].location";
  for (const std::string bad : {"u", "X", "LN ", "LN;x", "LOC-5", "U\\r\\nVia: x"}) {
    EXPECT_EQ(RefusedField(Response(486, "reasons { q850_cause: 17 location: '" + bad + "' }")), refused)
        << bad;
  }
  ExpectAll({{Response(486, "reasons { sip_status: 486 location: 'LN' }"), refused},
             {"bye_reasons { sip_status: 200 location: 'LN' }", "bye_reasons[0].location"}});
}

TEST(TreatmentCheckTest, DerivedReasons) {
  const std::string refused = "final_response.derive_reason";
  ExpectAll({{Response(486, "derive_reason: CAUSE_MAP_RFC3398"), "ok"},
             {Response(487, "derive_reason: CAUSE_MAP_RFC3398"), refused},
             {Response(487, "derive_reason: CAUSE_MAP_FREESWITCH"), refused},
             {Response(487, "derive_reason: CAUSE_MAP_ASTERISK"), "ok"},
             {Response(607, "derive_reason: CAUSE_MAP_FREESWITCH"), refused},
             {Response(499, "derive_reason: CAUSE_MAP_RFC3398"), refused},
             {Response(499, "derive_reason: CAUSE_MAP_FREESWITCH"), "ok"},
             {Response(487, "derive_reason: CAUSE_MAP_RFC3398 reasons { q850_cause: 16 }"), refused},
             {Response(486, "derive_reason: CAUSE_MAP_RFC3398 reasons { q850_cause: 17 }"), "ok"}});
  auto treatment = Parse<v1::Treatment>(Response(486, ""));
  treatment.mutable_final_response()->set_derive_reason(static_cast<v1::CauseMap>(9));
  EXPECT_EQ(CheckTreatment(treatment, v1::TRIGGER_REQUEST, "")->violations.at(0).field,
            "final_response.derive_reason");
}

// Whatever a map derives agrees with the code.
TEST(TreatmentCheckTest, EveryDerivedReasonAgreesWithItsCode) {
  int derived = 0;
  for (int map = v1::CAUSE_MAP_RFC3398; map <= v1::CauseMap_MAX; ++map) {
    for (int code = 400; code <= 699; ++code) {
      const int cause = CauseOfStatus(static_cast<v1::CauseMap>(map), code);
      if (cause == 0) continue;
      ++derived;
      EXPECT_FALSE(CauseText(cause).empty()) << cause;
      v1::Reason reason;
      reason.set_q850_cause(cause);
      EXPECT_TRUE(AgreesWithCode(code, reason)) << code << ' ' << cause;
    }
  }
  EXPECT_GT(derived, 300);
}

TEST(TreatmentCheckTest, RetryAfter) {
  ExpectAll({{Response(480, "retry_after { seconds: 1 }"), "ok"},
             {Response(480, "retry_after { seconds: 2678400 }"), "ok"},
             {Response(480, "retry_after { seconds: 2678401 }"), "final_response.retry_after"},
             {Response(480, "retry_after {}"), "final_response.retry_after"},
             {Response(480, "retry_after { seconds: -1 }"), "final_response.retry_after"},
             {Response(480, "retry_after { seconds: 1 nanos: 1 }"), "final_response.retry_after"}});
}

TEST(TreatmentCheckTest, Warning) {
  ExpectAll({{Response(488, "warning { code: 300 text: 'x' }"), "ok"},
             {Response(488, "warning { code: 399 agent: 'sip.example.com:5060' text: 'x' }"), "ok"},
             {Response(488, "warning { code: 399 agent: '[2001:db8::1]:5060' text: 'x' }"), "ok"},
             {Response(488, "warning { code: 299 text: 'x' }"), "final_response.warning.code"},
             {Response(488, "warning { code: 400 text: 'x' }"), "final_response.warning.code"},
             {Response(488, "warning { code: 399 }"), "final_response.warning.text"},
             {Response(488, "warning { code: 399 text: 'a\\nb' }"), "final_response.warning.text"},
             {Response(488, "warning { code: 399 text: '" + std::string(129, 'a') + "' }"),
              "final_response.warning.text"},
             {Response(488, "warning { code: 399 agent: 'a b' text: 'x' }"), "final_response.warning.agent"},
             {Response(488, "warning { code: 399 agent: 'a\"b' text: 'x' }"), "final_response.warning.agent"},
             {Response(488, "warning { code: 399 agent: '" + std::string(65, 'a') + "' text: 'x' }"),
              "final_response.warning.agent"}});
}

TEST(TreatmentCheckTest, ErrorInfo) {
  const std::string long_uri = "http://example.com/" + std::string(493, 'a');
  ExpectAll({{Response(404, "error_info: 'sip:no@example.com'"), "ok"},
             {Response(404, "error_info: 'tel:+49301234'"), "ok"},
             {Response(404, "error_info: 'https://example.com:8080/a?b=c#d'"), "ok"},
             {Response(404, "error_info: 'http://[2001:db8::1]/a.wav'"), "ok"},
             {Response(404, "error_info: '" + long_uri + "'"), "ok"},
             {Response(404, "error_info: '" + long_uri + "a'"), "final_response.error_info"},
             {Response(404, "error_info: 'ftp://example.com/'"), "final_response.error_info"},
             {Response(404, "error_info: 'https://'"), "final_response.error_info"},
             {Response(404, "error_info: 'https://a b/'"), "final_response.error_info"},
             {Response(404, "error_info: 'https://a/>,<sip:x@y'"), "final_response.error_info"},
             {Response(404, "error_info: 'https://a/\\r\\nX: y'"), "final_response.error_info"},
             {Response(404, "error_info: 'https://a/%0d%0aX'"), "final_response.error_info"}});
}

std::string Header(const std::string& name, const std::string& value) {
  return "headers { name: '" + name + "' value: '" + value + "' } ";
}

TEST(TreatmentCheckTest, HeaderNamesAndValues) {
  const std::string name = "final_response.headers[0].name";
  const std::string value = "final_response.headers[0].value";
  ExpectAll({{Response(480, Header("X-Why", "because \"so\"")), "ok"},
             {Response(480, Header("X-Why", "")), "ok"},
             {Response(480, Header("Server", "x") + Header("Server", "y")), "ok"},
             {Response(480, Header("", "x")), name},
             {Response(480, Header("X Why", "x")), name},
             {Response(480, Header("X-Why:", "x")), name},
             {Response(480, Header("X-Why\\r\\nVia", "x")), name},
             {Response(480, Header("Wär", "x")), name},
             {Response(480, Header(std::string(64, 'a'), "x")), "ok"},
             {Response(480, Header(std::string(65, 'a'), "x")), name},
             {Response(480, Header("X", "a\\r\\nVia: b")), value},
             {Response(480, Header("X", "a\\tb")), value},
             {Response(480, Header("X", std::string(512, 'a'))), "ok"},
             {Response(480, Header("X", std::string(513, 'a'))), value},
             {Response(480, Header("X", "1") + Header("Y", "\\n")), "final_response.headers[1].value"},
             {Response(480, Times(16, Header("X", "1"))), "ok"},
             {Response(480, Times(17, Header("X", "1"))), "final_response.headers"}});
}

TEST(TreatmentCheckTest, RefusedHeaders) {
  for (const std::string name : {"Via",
                                 "v",
                                 "From",
                                 "f",
                                 "To",
                                 "t",
                                 "Call-ID",
                                 "i",
                                 "CSeq",
                                 "Contact",
                                 "m",
                                 "Route",
                                 "Record-Route",
                                 "Max-Forwards",
                                 "Content-Type",
                                 "c",
                                 "Content-Length",
                                 "l",
                                 "Content-Foo",
                                 "e",
                                 "Require",
                                 "RSeq",
                                 "RAck",
                                 "Supported",
                                 "k",
                                 "Allow",
                                 "Reason",
                                 "Retry-After",
                                 "Warning",
                                 "Error-Info",
                                 "VIA",
                                 "cONTENT-x"}) {
    EXPECT_EQ(RefusedField(Response(480, Header(name, "x"))), "final_response.headers[0].name") << name;
  }
}

TEST(TreatmentCheckTest, MandatoryHeaders) {
  struct Mandatory {
    int code;
    std::string name;
    std::string good;
    std::string bad;
  };
  const Mandatory cases[] = {
      {401, "WWW-Authenticate", "Digest realm=\"a\", nonce=\"b\"", "Digest"},
      {405, "Allow", "ACK, BYE,CANCEL", "ACK,,BYE"},
      {407, "Proxy-Authenticate", "Digest realm=\"a\"", ""},
      {420, "Unsupported", "foo", "foo bar"},
      {421, "Require", "100rel, timer", "100rel;x"},
      {422, "Min-SE", "90", "soon"},
      {423, "Min-Expires", "60", "-1"},
      {608, "Call-Info", "<https://example.com/card>;purpose=jwscard", " "},
  };
  for (const Mandatory& c : cases) {
    EXPECT_EQ(RefusedField(Response(c.code, "")), "final_response.headers") << c.code;
    EXPECT_EQ(RefusedField(Response(c.code, Header("X", "1"))), "final_response.headers") << c.code;
    EXPECT_EQ(RefusedField(Response(c.code, Header("X", "1") + Header(c.name, c.good))), "ok") << c.code;
    EXPECT_EQ(RefusedField(Response(c.code, Header(c.name, c.bad))), "final_response.headers[0].value")
        << c.code;
  }
  EXPECT_EQ(RefusedField(Response(405, Header("aLLOW", "BYE"))), "ok");
  EXPECT_EQ(RefusedField(Response(421, Header("Allow", "BYE"))), "final_response.headers[0].name");
  EXPECT_EQ(RefusedField(Response(405, Header("Require", "100rel"))), "final_response.headers[0].name");
}

TEST(TreatmentCheckTest, Redirect) {
  const std::string contact = "contacts: 'sip:a@example.com' ";
  ExpectAll({{"redirect { " + contact + "}", "ok"},
             {"redirect { status_code: 380 " + contact + "}", "ok"},
             {"redirect { status_code: 303 " + contact + "}", "redirect.status_code"},
             {"redirect { status_code: 200 " + contact + "}", "redirect.status_code"},
             {"redirect { status_code: 486 " + contact + "}", "redirect.status_code"},
             {"redirect {}", "redirect.contacts"},
             {"redirect { " + Times(8, contact) + "}", "ok"},
             {"redirect { " + Times(9, contact) + "}", "redirect.contacts"},
             {"redirect { " + contact + "contacts: 'http://example.com' }", "redirect.contacts[1]"}});
}

TEST(TreatmentCheckTest, AnswerThenBye) {
  ExpectAll({{"answer_then_bye {}", "ok"},
             {"answer_then_bye { after { seconds: 60 } }", "ok"},
             {"answer_then_bye { after { seconds: 59 nanos: 999999999 } }", "ok"},
             {"answer_then_bye { after { seconds: 60 nanos: 1 } }", "answer_then_bye.after"},
             {"answer_then_bye { after { seconds: -1 } }", "answer_then_bye.after"},
             {"answer_then_bye { after { nanos: -1 } }", "answer_then_bye.after"},
             {"answer_then_bye { after { nanos: 1000000000 } }", "answer_then_bye.after"}});
}

TEST(TreatmentCheckTest, AsIntent) {
  ExpectAll({{"as_intent: INTENT_BUSY", "ok"}, {"as_intent: INTENT_UNSPECIFIED", "as_intent"}});
  v1::Treatment treatment;
  treatment.set_as_intent(static_cast<v1::Intent>(99));
  EXPECT_TRUE(CheckTreatment(treatment, v1::TRIGGER_REQUEST, "treatment"));
}

struct TriggerCase {
  v1::Trigger trigger;
  std::string ending;  // what is refused of `final_response`, `redirect`, `answer_then_bye` and `as_intent`
  std::string relay;
  std::string proceed;
  std::string nothing;
  std::string bye_reasons;
};

TEST(TreatmentCheckTest, Triggers) {
  const TriggerCase cases[] = {
      {v1::TRIGGER_UNSPECIFIED, "ok", "relay", "proceed", "ok", "ok"},
      {v1::TRIGGER_REQUEST, "ok", "relay", "proceed", "ok", "ok"},
      {v1::TRIGGER_ARRIVAL, "ok", "relay", "ok", "ok", "ok"},
      {v1::TRIGGER_RING_TIMEOUT, "ok", "relay", "proceed", "ok", "ok"},
      {v1::TRIGGER_FAR_END_FAILURE, "ok", "ok", "proceed", "ok", "ok"},
      {v1::TRIGGER_CALLER_CANCEL, ".", "ok", ".", "ok", "bye_reasons"},
      {v1::TRIGGER_DRAIN, "ok", "relay", "proceed", "ok", "ok"},
  };
  for (const TriggerCase& c : cases) {
    for (const std::string ending :
         {"final_response { status_code: 486 }", "redirect { contacts: 'sip:a@b' }", "answer_then_bye {}",
          "as_intent: INTENT_QUIET"}) {
      EXPECT_EQ(RefusedField(ending, c.trigger), c.ending) << v1::Trigger_Name(c.trigger) << ending;
    }
    EXPECT_EQ(RefusedField("relay {}", c.trigger), c.relay) << v1::Trigger_Name(c.trigger);
    EXPECT_EQ(RefusedField("proceed {}", c.trigger), c.proceed) << v1::Trigger_Name(c.trigger);
    EXPECT_EQ(RefusedField("cancel_reasons { sip_status: 486 }", c.trigger), c.nothing);
    EXPECT_EQ(RefusedField("bye_reasons { q850_cause: 16 }", c.trigger), c.bye_reasons);
  }
}

TEST(TreatmentCheckTest, PathMayBeEmpty) {
  const auto error = CheckTreatment(Parse<v1::Treatment>("final_response {}"), v1::TRIGGER_REQUEST, "");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->violations[0].field, "final_response.status_code");
}

}  // namespace
}  // namespace adieu::policy
