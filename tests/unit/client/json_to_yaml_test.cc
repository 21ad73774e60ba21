#include "client/cli/json_to_yaml.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

namespace adieu::cli {
namespace {

TEST(JsonToYamlTest, BlocksAndScalars) {
  EXPECT_EQ(
      JsonToYaml(
          R"({"calls":[{"name":"calls/1","legs":[],"caller":{"uri":"sip:a@b","code":180}},{"ok":true}],)"
          R"("labels":{},"note":null})"),
      "calls:\n"
      "  - name: calls/1\n"
      "    legs: []\n"
      "    caller:\n"
      "      uri: \"sip:a@b\"\n"
      "      code: 180\n"
      "  - ok: true\n"
      "labels: {}\n"
      "note: null\n");
  EXPECT_EQ(JsonToYaml("{}"), "{}\n");
  EXPECT_EQ(JsonToYaml("[[1,2],[]]"), "- - 1\n  - 2\n- []\n");
  EXPECT_EQ(JsonToYaml("{ \"a\" : [ \"x\" ] }"), "a:\n  - x\n");
}

// What YAML would read as something else than a text, or not at all, stays quoted: read back, it is the same
// text.
TEST(JsonToYamlTest, TextsStayTexts) {
  for (const char* text :
       {"true", "No", "on",  "null", "~",          "",  "123", "1e5",  "0x1F",  "- a",     "a: b",   "#x",
        "*a",   "&a", "a b", ".inf", "2025-01-01", "y", "{}",  "it's", "ends:", "RINGING", "calls/1"}) {
    const std::string yaml = JsonToYaml("{\"k\":\"" + std::string(text) + "\"}");
    const auto node = YAML::Load(yaml)["k"];
    EXPECT_EQ(node.Scalar(), text) << yaml;
    const bool plain = node.Tag() == "?";
    EXPECT_EQ(plain, std::string(text) == "RINGING" || std::string(text) == "calls/1") << yaml;
  }
}

TEST(JsonToYamlTest, EscapesSurvive) {
  const auto read = [](const std::string& json) { return YAML::Load(JsonToYaml(json))["k"].Scalar(); };
  EXPECT_EQ(read(R"({"k":"a\"b\\c\u001b\n,}]"})"), "a\"b\\c\x1b\n,}]");
  EXPECT_EQ(read(R"({"k":"\u003csip:a\u003e"})"), "<sip:a>");
  EXPECT_EQ(JsonToYaml(R"({"k":"\u003csip:a\u003e"})"), "k: \"<sip:a>\"\n");
  EXPECT_EQ(read(R"({"k":"\ud834\udd73"})"), "\U0001D173");
  EXPECT_EQ(read(R"({"k":"\\ud834\\udd73"})"), "\\ud834\\udd73");
}

TEST(JsonToYamlTest, SeveralLinesStandAsSuch) {
  EXPECT_EQ(JsonToYaml(R"({"k":"One: \"a\".\n\n  Two.\n","l":["x\ny"]})"),
            "k: |\n  One: \"a\".\n\n    Two.\nl:\n  - |-\n    x\n    y\n");
  // Whatever it is, it is the same when it is read back.
  for (const char* text : {"a\\n", "a\\nb", "a\\nb\\n", "a\\nb\\n\\n", "\\na", " a\\nb", "a\\n b ",
                           "a\\n\\nb", "\\n\\n", "a\\n---\\nb", "a\\n\\tb", "a\\nb\\u001b", "# a\\nb: c",
                           "\\\\n\\na", "a\\n ", "a\\n \\n", "a\\r\\nb", "\\u003ca\\n>"}) {
    const std::string json = "{\"k\":[\"" + std::string(text) + "\"]}";
    const std::string yaml = JsonToYaml(json);
    EXPECT_EQ(YAML::Load(yaml)["k"][0].Scalar(), YAML::Load(json)["k"][0].Scalar()) << yaml;
  }
}

}  // namespace
}  // namespace adieu::cli
