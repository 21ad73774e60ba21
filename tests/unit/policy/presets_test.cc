// The policies of deploy/policies: they are read as adieud reads a directory, and they are accepted.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "server/config/settings.h"
#include "server/policy/choose.h"
#include "tests/unit/base/source_file.h"
#include "tests/unit/config/temporary_file.h"
#include "tests/unit/policy/calls.h"
#include "tests/unit/policy/told.h"

namespace adieu::policy {
namespace {

using Presets = std::map<std::string, v1::CancelPolicy>;

Presets Load() {
  const std::string directory = base::SourceRoot() / "deploy/policies";
  const config::TemporaryFile file("policies: {directory: " + directory + "}\n");
  const auto settings = config::LoadSettings(config::Flags{.config = file.path()});
  EXPECT_TRUE(settings.ok()) << settings.error().message;
  Presets presets;
  if (!settings.ok()) return presets;
  for (const config::PolicyFile& one : settings->policies) presets.emplace(one.policy.name(), one.policy);
  return presets;
}

// What this preset, enforced, gives a call.
std::string Ask(v1::CancelPolicy preset, const v1::Call& call, v1::Trigger trigger) {
  preset.set_mode(v1::CANCEL_POLICY_MODE_ENFORCED);
  const auto compiled = CompiledPolicy::Compile(std::move(preset), "preset", {});
  EXPECT_TRUE(compiled.ok()) << compiled.error().message;
  if (!compiled.ok()) return "";
  return Told(Choose(PolicySet({*compiled}),
                     {.call = &call, .trigger = trigger, .intent = v1::INTENT_BLOCKED, .now = {}}));
}

TEST(PresetsTest, NoneIsEnforcedBeforeSomebodySaysSo) {
  const Presets presets = Load();
  for (const auto& [name, policy] : presets) {
    EXPECT_EQ(policy.mode(), v1::CANCEL_POLICY_MODE_DISABLED) << name;
    EXPECT_FALSE(policy.description().empty()) << name;
  }
}

TEST(PresetsTest, WhatTheySend) {
  Presets presets = Load();
  ASSERT_EQ(presets.size(), 3u);
  v1::Call call = From("Foo/1.0");
  call.mutable_caller()->set_remote_address("192.0.2.7:5060");
  const std::string blocked =
      "603 Network Blocked|Reason: Q.850;cause=21;text=\"v=analytics1;url=https://example.com/redress;"
      "tel=+12155550100\";location=RLN";
  EXPECT_EQ(Ask(presets["cancelPolicies/network-blocked"], call, v1::TRIGGER_REQUEST),
            "network-blocked/blocked: " + blocked);
  EXPECT_EQ(Ask(presets["cancelPolicies/network-blocked"], call, v1::TRIGGER_ARRIVAL),
            "builtin/proceed: proceed");
  EXPECT_EQ(Ask(presets["cancelPolicies/unwanted"], call, v1::TRIGGER_REQUEST),
            "unwanted/unwanted: 607 Unwanted");
  EXPECT_EQ(Ask(presets["cancelPolicies/rejected"], call, v1::TRIGGER_REQUEST),
            "rejected/rejected: 608 Rejected|Call-Info: <https://example.com/redress.jws>;purpose=jwscard");
  v1::Header* mark = call.mutable_caller()->add_headers();
  mark->set_name("X-Analytics");
  mark->set_value("Block");
  EXPECT_EQ(Ask(presets["cancelPolicies/network-blocked"], call, v1::TRIGGER_ARRIVAL),
            "network-blocked/marked: " + blocked);
  // Its card is what makes a 608 one.
  v1::CancelPolicy bare = presets["cancelPolicies/rejected"];
  bare.mutable_rules(0)->mutable_treatment()->mutable_final_response()->clear_headers();
  EXPECT_EQ(CompiledPolicy::Compile(bare, "preset", {}).error().violations.at(0).field,
            "preset.rules[0].treatment.final_response.headers");
}

}  // namespace
}  // namespace adieu::policy
