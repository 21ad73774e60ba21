#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "server/config/read_policies.h"
#include "server/config/settings.h"
#include "tests/unit/config/temporary_file.h"

namespace adieu::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kNight[] = R"(name: cancelPolicies/night
description: |
  Nobody is there.
  Try again.
mode: ENFORCED
priority: -5
etag: abc
create_time: 2024-05-17T12:00:00.5Z
origin: DIRECTORY
rules:
  - id: one
    triggers: [RING_TIMEOUT, trigger_request]
    intents: [QUIET]
    match:
      all_of:
        matches:
          - caller_user_agent: {prefix: Linphone}
          - every_call: {}
    treatment:
      final_response: {status_code: 480, retry_after: 60s, reasons: [{q850_cause: 16}]}
)";

class PolicyFiles : public testing::Test {
 protected:
  PolicyFiles() : directory_(testing::TempDir() + "adieu_policies_XXXXXX") {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
  }
  ~PolicyFiles() override { std::filesystem::remove_all(directory_); }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ + "/" + name) << text;
  }
  base::Result<Settings> Load() {
    const TemporaryFile file("policies: {directory: " + directory_ + "}\n");
    return LoadSettings(Flags{.config = file.path()});
  }
  // The message of the error, without the path of the directory.
  std::string Refusal() {
    const auto settings = Load();
    if (settings.ok()) return "";
    EXPECT_TRUE(settings.error().code == absl::StatusCode::kInvalidArgument);
    std::string message = settings.error().message;
    for (size_t at; (at = message.find(directory_ + "/")) != std::string::npos;) {
      message.erase(at, directory_.size() + 1);
    }
    return message;
  }

  std::string directory_;
};

TEST_F(PolicyFiles, AreReadInTheOrderOfTheirNames) {
  Write("b.yml", kNight);
  Write("a.yaml", "name: cancelPolicies/a\n");
  Write(".hidden.yaml", "nonsense");
  Write("note.txt", "nonsense");
  std::filesystem::create_directory(directory_ + "/sub.yaml");
  const auto settings = Load();
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  ASSERT_EQ(settings->policies.size(), 2U);
  EXPECT_EQ(settings->policies[0].policy.name(), "cancelPolicies/a");
  const adieu::v1::CancelPolicy& night = settings->policies[1].policy;
  EXPECT_EQ(night.description(), "Nobody is there.\nTry again.\n");
  EXPECT_EQ(night.mode(), adieu::v1::CANCEL_POLICY_MODE_ENFORCED);
  EXPECT_EQ(night.priority(), -5);
  EXPECT_EQ(night.rules(0).triggers_size(), 2);
  EXPECT_EQ(night.rules(0).match().all_of().matches(0).caller_user_agent().prefix(), "Linphone");
  EXPECT_EQ(night.rules(0).treatment().final_response().retry_after().seconds(), 60);
  // Only in answers.
  EXPECT_EQ(night.etag(), "");
  EXPECT_FALSE(night.has_create_time());
  EXPECT_EQ(night.origin(), adieu::v1::CANCEL_POLICY_ORIGIN_UNSPECIFIED);
}

TEST_F(PolicyFiles, AnEmptyDirectoryAndNoneAreFine) {
  const auto empty = Load();
  ASSERT_TRUE(empty.ok());
  EXPECT_TRUE(empty->policies.empty());
  EXPECT_TRUE(LoadSettings({})->policies.empty());
}

TEST_F(PolicyFiles, WhatIsWrongIsToldWithFileAndLine) {
  const struct {
    std::string text;
    std::string message;
  } kCases[] = {
      {"", "a.yaml:1: name: is required"},
      {"name: 3\nmod: ENFORCED\n",
       "a.yaml:2: mod: is not a known key; known here: name, description, mode, priority, rules"},
      {"name: a\nmode: ON\n", "a.yaml:2: mode: must be one of CANCEL_POLICY_MODE_DISABLED"},
      {"name: a\nrules:\n  - id: b\n    match:\n      caller_agent: {exact: a}\n",
       "a.yaml:5: rules[0].match.caller_agent: is not a known key; known here: all_of"},
      {"name: a\nrules:\n  - match: {route: {exact: a},\n     state: RINGING}\n",
       "a.yaml:4: rules[0].match.state: cannot be given together with rules[0].match.route"},
      {"name: a\nupdate_time: yesterday\n", "a.yaml:2: update_time: must be a time such as"},
      {"name: a\nrules: []\n", "a.yaml:2: rules: is an empty list"},
      {"name: a\n---\nname: b\n", "a.yaml:3: is more than one document"},
      {"name: [\n", "a.yaml:2: is not YAML"},
      {"name: \"a\\tb\"\n", "a.yaml:1: name: has a control character or is not UTF-8"},
      {std::string((1 << 20) + 1, '#'), "a.yaml:1: is larger than 1048576 bytes"},
  };
  for (const auto& test : kCases) {
    Write("a.yaml", test.text);
    EXPECT_THAT(Refusal(), testing::StartsWith(test.message));
  }
}

TEST_F(PolicyFiles, EveryFileWithAProblemIsTold) {
  Write("a.yaml", "mode: ON\n");
  Write("b.yaml", kNight);
  Write("c.yaml", "\nname: cancelPolicies/night\n");
  std::filesystem::create_symlink("nowhere", directory_ + "/d.yaml");
  const std::string message = Refusal();
  EXPECT_THAT(message, HasSubstr("a.yaml:1: mode: must be"));
  EXPECT_THAT(message, HasSubstr("c.yaml:2: name: is also the name in b.yaml:1"));
  EXPECT_THAT(message, HasSubstr("d.yaml: cannot be read: No such file or directory"));
}

TEST_F(PolicyFiles, ADirectoryThatIsNoneIsRefusedByItsKey) {
  const TemporaryFile file("\npolicies: {directory: /nowhere/at all}\n");
  const auto settings = LoadSettings(Flags{.config = file.path()});
  ASSERT_FALSE(settings.ok());
  EXPECT_EQ(settings.error().message, std::string(file.path()) +
                                          ":2: policies.directory: `/nowhere/at all` cannot be read: No such "
                                          "file or directory");
}

TEST_F(PolicyFiles, AThousandAreTheMost) {
  for (int i = 0; i <= 1000; ++i) Write("p" + std::to_string(i) + ".yaml", "name: p" + std::to_string(i));
  EXPECT_THAT(Refusal(), HasSubstr("must have at most 1000 policy files, has 1001"));
  std::filesystem::remove(directory_ + "/p0.yaml");
  EXPECT_EQ(Load()->policies.size(), 1000U);
}

TEST_F(PolicyFiles, AnErrorOfTheirMeaningFindsItsLine) {
  Write("a.yaml", "name: cancelPolicies/a\n");
  Write("b.yaml", kNight);
  const TemporaryFile file("policies:\n  enable: [x,\n   y]\n  directory: " + directory_ + "\n");
  const auto settings = LoadSettings(Flags{.config = file.path()});
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  const struct {
    std::string field;
    std::string message;
  } kCases[] = {
      {"policies.directory[1].rules[0].treatment.final_response.status_code",
       directory_ + "/b.yaml:20: rules[0].treatment.final_response.status_code: is wrong"},
      {"policies.directory[1].rules[0].match.all_of.matches[1].every_call",
       directory_ + "/b.yaml:18: rules[0].match.all_of.matches[1].every_call: is wrong"},
      // Not written: the nearest above.
      {"policies.directory[1].rules[0].treatment.final_response.headers[2].name",
       directory_ + "/b.yaml:20: rules[0].treatment.final_response.headers[2].name: is wrong"},
      {"policies.directory[0]", directory_ + "/a.yaml:1: is wrong"},
      {"policies.enable[1]", std::string(file.path()) + ":3: policies.enable[1]: is wrong"},
  };
  for (const auto& test : kCases) {
    EXPECT_EQ(AtOrigin(*settings, base::InvalidField(test.field, "is wrong")).message, test.message);
  }
  const base::Error other{.code = absl::StatusCode::kUnavailable, .reason = "X", .message = "other"};
  EXPECT_EQ(AtOrigin(*settings, other).message, "other");
}

}  // namespace
}  // namespace adieu::config
