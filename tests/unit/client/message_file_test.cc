#include "client/cli/message_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adieu/v1/match.pb.h"
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
    const char* wrong;
  };
  const Case cases[] = {
      {"", "must hold one YAML document, not 0"},
      {"a: 1\n---\nb: 2\n", "not 2"},
      {"~", "is empty"},
      {"[1]", "must be a map of fields"},
      {"final_response: {status_cod: 480}", "final_response.status_cod: no such field in FinalResponse"},
      {"final_response: {status_code: abc}", "abc"},
      {"final_response: {status_code: 480.5}", "480.5"},
      {"final_response: {status_code: [480]}", "final_response.status_code: must be one value"},
      {"final_response: {status_code: }", "final_response.status_code: is empty"},
      {"final_response: {status_code: 480, status_code: 486}", "final_response.status_code: is given twice"},
      {"final_response: {status_code: 480, statusCode: 486}", "given twice"},
      {"final_response: {reasons: {q850_cause: 16}}", "final_response.reasons: must be a list"},
      {"final_response: {reasons: [{q850: 16}]}", "final_response.reasons[0].q850: no such field"},
      {"final_response: {retry_after: soon}", "final_response.retry_after"},
      {"as_intent: loudly", "as_intent: \"loudly\" is not one of quiet, busy"},
      {"relay:", "relay: is empty; write {}"},
      {"final_response: {status_code: 480}\nrelay: {}", "oneof"},
      {"final_response: {", "line"},
      {"final_response: &a {reasons: [*a]}", "no such field"},
  };
  for (const Case& c : cases) {
    const File file(c.text);
    v1::Treatment treatment;
    const auto wrong = ReadMessageFile(file.path(), treatment);
    ASSERT_TRUE(wrong) << c.text;
    EXPECT_THAT(*wrong, StartsWith(file.path() + ": ")) << c.text;
    EXPECT_THAT(*wrong, HasSubstr(c.wrong)) << c.text;
  }
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
