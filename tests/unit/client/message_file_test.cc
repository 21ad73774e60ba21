#include "client/cli/message_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adieu/v1/match.pb.h"
#include "adieu/v1/termination.pb.h"
#include "adieu/v1/treatment.pb.h"
#include "tests/unit/client/file.h"
#include "tests/unit/client/text.h"

namespace adieu::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(MessageFileTest, ReadsYaml) {
  const File file(R"(# the ending for the night
final_response:
  status_code: 480
  reason_phrase: 480
  reasons:
    - q850_cause: 31
      text: yes
  retry_after: 30s
  headers: [{name: X-Why, value: "a\"b\\c"}]
bye_reasons: []
)");
  v1::Treatment treatment;
  EXPECT_EQ(ReadMessageFile(file.path(), treatment), std::nullopt);
  EXPECT_THAT(treatment, EqualsText(R"(final_response {
                                         status_code: 480 reason_phrase: "480"
                                         reasons { q850_cause: 31 text: "yes" }
                                         retry_after { seconds: 30 }
                                         headers { name: "X-Why" value: "a\"b\\c" }
                                       })"));
}

TEST(MessageFileTest, ReadsJsonWithTabsAndCamelCase) {
  const File file(
      "{\n\t\"finalResponse\": {\n\t\t\"statusCode\": 486,\n\t\t\"reasonPhrase\": \"Caf\\u00e9\"\n\t}\n}\n",
      ".json");
  v1::Treatment treatment;
  EXPECT_EQ(ReadMessageFile(file.path(), treatment), std::nullopt);
  EXPECT_THAT(treatment, EqualsText(R"(final_response { status_code: 486 reason_phrase: "Café" })"));
}

TEST(MessageFileTest, EnumsMapsBooleansAndEmptyMessages) {
  const File intent("as_intent: try-later");
  v1::Treatment treatment;
  EXPECT_EQ(ReadMessageFile(intent.path(), treatment), std::nullopt);
  EXPECT_THAT(treatment, EqualsText("as_intent: INTENT_TRY_LATER"));

  const File tree(R"(all_of: {matches: [{state: ringing}, {none_of: {matches: [{every_call: {}}]}},
                      {from_uri: {suffix: "@example.com", ignore_case: true}}]})");
  v1::CallMatch match;
  EXPECT_EQ(ReadMessageFile(tree.path(), match), std::nullopt);
  EXPECT_THAT(match, EqualsText(R"(all_of {
                                     matches { state: CALL_STATE_RINGING }
                                     matches { none_of { matches { every_call {} } } }
                                     matches { from_uri { suffix: "@example.com" ignore_case: true } }
                                   })"));
}

TEST(MessageFileTest, SaysWhatIsWrong) {
  struct Case {
    const char* text;
    // Zero: about the whole file.
    int line;
    const char* wrong;
  };
  const Case cases[] = {
      {"", 0, "must hold one YAML document, not 0"},
      {"a: 1\n---\nb: 2\n", 0, "not 2"},
      {"~", 1, "is empty"},
      {"# why\n[1]", 2, "must be a map of fields"},
      {"final_response:\n  status_cod: 480", 2, "final_response.status_cod: no such field in FinalResponse"},
      {"final_response: {status_code: abc}", 1,
       "final_response.status_code: \"abc\" is not a whole number from -2147483648 to 2147483647"},
      {"final_response:\n  status_code: 480.5", 2, "\"480.5\" is not a whole number"},
      {"final_response: {status_code: 4294967776}", 1, "is not a whole number"},
      {"final_response: {status_code: [480]}", 1, "final_response.status_code: must be one value"},
      {"final_response:\n\n  status_code:\n", 3, "final_response.status_code: is empty"},
      {"final_response:\n  status_code: 480\n  status_code: 486", 3,
       "final_response.status_code: is given twice"},
      {"final_response: {status_code: 480, statusCode: 486}", 1, "given twice"},
      {"final_response:\n  reasons: {q850_cause: 16}", 2, "final_response.reasons: must be a list"},
      {"final_response:\n  reasons:\n    - q850_cause: 16\n    - q850: 16", 4,
       "final_response.reasons[1].q850: no such field"},
      {"final_response:\n  retry_after: soon", 2,
       "final_response.retry_after: \"soon\" is not a duration in seconds (30s, 1.5s)"},
      {"as_intent: loudly", 1, "as_intent: \"loudly\" is not one of quiet, busy"},
      {"relay:", 1, "relay: is empty; write {}"},
      {"final_response: {status_code: 480}\nrelay: {}", 2,
       "relay: only one of final_response, redirect, answer_then_bye, as_intent, relay, proceed may be "
       "given"},
      {"cancel_reasons:\n  - text: a\n  - {sip_status: 603, q850_cause: 21}", 3,
       "cancel_reasons[1].q850_cause: only one of sip_status, q850_cause may be given"},
      {"final_response: {", 1, "end of map flow not found"},
      {"final_response: &a {reasons: [*a]}", 1, "no such field"},
  };
  for (const Case& c : cases) {
    const File file(c.text);
    v1::Treatment treatment;
    const auto wrong = ReadMessageFile(file.path(), treatment);
    ASSERT_TRUE(wrong) << c.text;
    const std::string place = file.path() + (c.line > 0 ? ":" + std::to_string(c.line) : "") + ": ";
    EXPECT_THAT(*wrong, StartsWith(place)) << c.text;
    EXPECT_THAT(*wrong, HasSubstr(c.wrong)) << c.text;
  }
}

TEST(MessageFileTest, BooleansAndTimes) {
  v1::CallMatch match;
  EXPECT_THAT(ReadMessageFile(File("from_uri: {prefix: a, ignore_case: maybe}").path(), match).value_or(""),
              HasSubstr(":1: from_uri.ignore_case: \"maybe\" is neither true nor false"));
  v1::Termination termination;
  EXPECT_THAT(ReadMessageFile(File("request_time: noon").path(), termination).value_or(""),
              HasSubstr(":1: request_time: \"noon\" is not a time"));
  EXPECT_EQ(ReadMessageFile(File("request_time: 2025-03-01T12:00:00Z").path(), termination), std::nullopt);
}

TEST(MessageFileTest, TellsTheLinesOfFields) {
  const File file(R"(# a tree
all_of:
  matches:
    - state: ringing

    - any_of: {matches: [{every_call: {}},
                         {header:
                           {name: X-Why}}]}
)");
  v1::CallMatch match;
  FieldLines lines;
  ASSERT_EQ(ReadMessageFile(file.path(), match, &lines), std::nullopt);
  EXPECT_EQ(lines.Find(""), 2);
  EXPECT_EQ(lines.Find("all_of.matches"), 3);
  EXPECT_EQ(lines.Find("all_of.matches[0].state"), 4);
  EXPECT_EQ(lines.Find("all_of.matches[1].any_of.matches[1].header.name"), 8);
  EXPECT_EQ(lines.Find("all_of.matches[1].any_of.matches[1].header.value.prefix"), 7);
  EXPECT_EQ(lines.Find("all_of.matches[7]"), 3);
  EXPECT_EQ(lines.Find("none_of.matches[0]"), 2);
}

TEST(MessageFileTest, FilesThatCannotBeRead) {
  v1::Treatment treatment;
  EXPECT_THAT(ReadMessageFile("/nowhere/x.yaml", treatment).value_or(""),
              StartsWith("/nowhere/x.yaml: cannot be read: No such file"));
  EXPECT_THAT(ReadMessageFile(::testing::TempDir(), treatment).value_or(""), HasSubstr("Is a directory"));
}

TEST(MessageFileTest, Limits) {
  v1::CallMatch match;
  const File large("# " + std::string(1024 * 1024, 'x'));
  EXPECT_THAT(ReadMessageFile(large.path(), match).value_or(""), HasSubstr("more than 1 MiB"));

  std::string deep = "every_call: {}";
  for (int i = 0; i < 40; ++i) deep = "all_of: {matches: [{" + deep + "}]}";
  EXPECT_THAT(ReadMessageFile(File(deep).path(), match).value_or(""), HasSubstr("more than 32 levels deep"));

  // Each level doubles ten times: 10^9 leaves from 500 bytes.
  std::string laughs = "any_of:\n  matches:\n    - &a0 {names: {values: [lol]}}\n";
  for (int i = 1; i < 10; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    laughs += "    - &a" + std::to_string(i) + " {any_of: {matches: [";
    for (int j = 0; j < 10; ++j) laughs += (j > 0 ? ", " : "") + last;
    laughs += "]}}\n";
  }
  EXPECT_THAT(ReadMessageFile(File(laughs).path(), match).value_or(""), HasSubstr("more than 1 MiB"));
}

}  // namespace
}  // namespace adieu::cli
