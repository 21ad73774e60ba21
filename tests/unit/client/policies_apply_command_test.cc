#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <mutex>

#include "tests/unit/client/command.h"
#include "tests/unit/client/file.h"
#include "tests/unit/client/text.h"

namespace adieu::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Keeps policies as a server does; refuses those whose description is `bad`.
class Policies {
 public:
  explicit Policies(client::FakeServer& server) {
    server.get_policy = [this](const v1::GetCancelPolicyRequest& request, v1::CancelPolicy* policy) {
      const std::lock_guard lock(mutex_);
      const auto found = policies_.find(request.name());
      if (found == policies_.end()) {
        return client::Refusal({grpc::StatusCode::NOT_FOUND, "no such policy", "POLICY_NOT_FOUND"});
      }
      *policy = found->second;
      return grpc::Status::OK;
    };
    server.update_policy = [this](int attempt, const v1::UpdateCancelPolicyRequest& request,
                                  v1::CancelPolicy* policy) {
      const std::lock_guard lock(mutex_);
      *policy = request.cancel_policy();
      if (policy->description() == "bad") return client::Refusal(refusal);
      if (request.validate_only()) return grpc::Status::OK;
      policy->set_etag("e" + std::to_string(attempt));
      policy->mutable_update_time()->set_seconds(10);
      policy->set_origin(v1::CANCEL_POLICY_ORIGIN_API);
      policies_[policy->name()] = *policy;
      return grpc::Status::OK;
    };
  }

  client::Error refusal = {grpc::StatusCode::INVALID_ARGUMENT,
                           "cancel_policy.rules[1].match.all_of.matches[0].from_uri.regex: missing )",
                           "INVALID_FIELD",
                           {},
                           {{"cancel_policy.rules[1].match.all_of.matches[0].from_uri.regex", "missing )"}}};

 private:
  std::mutex mutex_;
  std::map<std::string, v1::CancelPolicy> policies_;  // guarded by mutex_
};

const char* const kNight = R"(# at night
name: cancelPolicies/night
mode: shadow
rules:
  - id: late
    triggers: [ring-timeout]
    treatment: {as_intent: try_later}
)";

// A directory that is gone with the value.
class Directory {
 public:
  Directory() : path_(::testing::TempDir() + "adieu_" + std::to_string(getpid()) + "_policies") {
    std::filesystem::create_directory(path_);
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  std::string Add(const std::string& name, const std::string& text) const {
    std::ofstream(path_ + "/" + name) << text;
    return path_ + "/" + name;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(PoliciesApplyCommandTest, CreatesThenChangesThenLeavesAlone) {
  client::FakeServer server;
  Policies policies(server);
  const File first(kNight);
  EXPECT_EQ(Command(server, {"policies", "apply", "-f", first.path()}).out, "cancelPolicies/night created\n");
  EXPECT_EQ(Command(server, {"policies", "apply", "-f", first.path()}).out,
            "cancelPolicies/night unchanged\n");
  const File second(std::string(kNight) + "priority: 5\n");
  EXPECT_EQ(Command(server, {"policies", "apply", "-f", second.path(), "--dry-run"}).out,
            "cancelPolicies/night updated (dry run)\n");
  EXPECT_EQ(Command(server, {"policies", "apply", "-f", second.path()}).out,
            "cancelPolicies/night updated\n");

  auto requests = server.UpdatePolicyRequests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].request_id().size(), 36u);
  requests[0].clear_request_id();
  EXPECT_THAT(requests[0], EqualsText(R"(cancel_policy {
                                           name: "cancelPolicies/night" mode: CANCEL_POLICY_MODE_SHADOW
                                           rules { id: "late" triggers: TRIGGER_RING_TIMEOUT
                                                   treatment { as_intent: INTENT_TRY_LATER } }
                                         } allow_missing: true)"));
  EXPECT_TRUE(requests[1].validate_only());
}

TEST(PoliciesApplyCommandTest, WhatGetPrintsCanBeApplied) {
  client::FakeServer server;
  Policies policies(server);
  Command(server, {"policies", "apply", "-f", "-"}, false, kNight);
  std::string yaml = Command(server, {"policies", "get", "night", "-o", "yaml"}).out;
  EXPECT_THAT(yaml, HasSubstr("update_time: "));
  EXPECT_EQ(Command(server, {"policies", "apply", "-f", "-"}, false, yaml).out,
            "cancelPolicies/night unchanged\n");
  yaml.replace(yaml.find("SHADOW"), 6, "ENFORCED");
  EXPECT_EQ(Command(server, {"policies", "apply", "-f", "-"}, false, yaml).out,
            "cancelPolicies/night updated\n");
  const v1::CancelPolicy sent = server.UpdatePolicyRequests().back().cancel_policy();
  EXPECT_EQ(sent.etag(), "");
  EXPECT_FALSE(sent.has_update_time());
  EXPECT_EQ(sent.origin(), v1::CANCEL_POLICY_ORIGIN_UNSPECIFIED);
}

TEST(PoliciesApplyCommandTest, IfUnchangedSendsTheEtag) {
  client::FakeServer server;
  Policies policies(server);
  const File with(std::string(kNight) + "etag: e7\n"), without(kNight);
  EXPECT_EQ(Command(server, {"policies", "apply", "--if-unchanged", "-f", with.path()}).exit, 0);
  EXPECT_EQ(server.UpdatePolicyRequests().at(0).cancel_policy().etag(), "e7");
  const Ran ran = Command(server, {"policies", "apply", "--if-unchanged", "-f", without.path()});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_EQ(ran.err, "adieu: " + without.path() + ":2: etag: is required by --if-unchanged\n");
}

TEST(PoliciesApplyCommandTest, SeveralDocumentsAndDirectories) {
  client::FakeServer server;
  Policies policies(server);
  const Directory directory;
  directory.Add("b.yaml", "---\nname: cancelPolicies/b1\n---\n---\nname: cancelPolicies/b2\n---\n");
  directory.Add("a.yaml", "name: cancelPolicies/a\n");
  directory.Add(".hidden.yaml", "nonsense");
  directory.Add("README.md", "nonsense");
  const Ran ran = Command(server, {"policies", "apply", "-f", directory.path(), "-f", "-", "-o", "json"},
                          false, "name: cancelPolicies/c");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  std::vector<std::string> sent;
  for (const auto& request : server.UpdatePolicyRequests()) {
    sent.push_back((request.validate_only() ? "?" : "") + request.cancel_policy().name().substr(15));
  }
  EXPECT_THAT(sent, ::testing::ElementsAre("?a", "?b1", "?b2", "?c", "a", "b1", "b2", "c"));
  EXPECT_THAT(ran.out, StartsWith("{\"name\":\"cancelPolicies/a\""));
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 4);
}

TEST(PoliciesApplyCommandTest, EveryFileIsCheckedBeforeTheFirstIsSent) {
  client::FakeServer server;
  Policies policies(server);
  const Directory directory;
  directory.Add("a.yaml", "name: cancelPolicies/a\n");
  const std::string b =
      directory.Add("b.yaml", "name: cancelPolicies/b\n---\nname: cancelPolicies/b2\nmodes: shadow\n");
  const std::string c =
      directory.Add("c.yaml", "name: cancelPolicies/c\nrules:\n  - {id: x, triggers: [never]}\n");
  const std::string d = directory.Add("d.yaml", "# nothing\n");
  const Ran ran = Command(server, {"policies", "apply", "-f", directory.path()});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "adieu: " + b + ":4: modes: no such field in CancelPolicy\n" +  //
                         "adieu: " + c +
                         ":3: rules[0].triggers[0]: \"never\" is not one of request, arrival, ring-timeout, "
                         "far-end-failure, caller-cancel, drain\n" +
                         "adieu: " + d + ": holds no policy\n");
  EXPECT_TRUE(server.UpdatePolicyRequests().empty());
}

TEST(PoliciesApplyCommandTest, NamesMustBeThereAndDiffer) {
  client::FakeServer server;
  Policies policies(server);
  const Ran ran = Command(
      server, {"policies", "apply", "-f", "-"}, false,
      "mode: shadow\n---\nname: cancelPolicies/a\n---\n# again\nmode: shadow\nname: cancelPolicies/a\n");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_EQ(ran.err,
            "adieu: stdin:1: name: is required, cancelPolicies/{cancel_policy}\n"
            "adieu: stdin:7: name: cancelPolicies/a is already in stdin:3\n");
}

TEST(PoliciesApplyCommandTest, WhatTheServerRefusesHasItsPlace) {
  client::FakeServer server;
  Policies policies(server);
  const File file(R"(name: cancelPolicies/good
---
name: cancelPolicies/night
description: bad
rules:
  - id: late
  - id: rest
    match:
      all_of:
        matches:
          - from_uri: {prefix: sip,
                       regex: "("}
)");
  // Both patterns of a StringMatch at once are told without the server.
  const Ran local = Command(server, {"policies", "apply", "-f", file.path()});
  EXPECT_EQ(local.exit, 2);
  EXPECT_THAT(local.err,
              HasSubstr(file.path() + ":12: rules[1].match.all_of.matches[0].from_uri.regex: only one of"));

  const File regex(
      "name: cancelPolicies/good\n---\nname: cancelPolicies/night\ndescription: bad\nrules:\n"
      "  - id: late\n  - id: rest\n    match:\n      all_of:\n        matches:\n"
      "          - from_uri:\n              regex: \"(\"\n");
  const Ran ran = Command(server, {"policies", "apply", "-f", regex.path()});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.out, "") << "the good one was sent";
  EXPECT_EQ(ran.err, "adieu: INVALID_ARGUMENT (INVALID_FIELD): " + regex.path() +
                         ":12: rules[1].match.all_of.matches[0].from_uri.regex: missing )\n");
  for (const auto& request : server.UpdatePolicyRequests()) EXPECT_TRUE(request.validate_only());
}

TEST(PoliciesApplyCommandTest, SeveralViolationsAndRefusalsWithoutAField) {
  client::FakeServer server;
  Policies policies(server);
  policies.refusal = {
      grpc::StatusCode::INVALID_ARGUMENT,
      "2 fields are wrong",
      "INVALID_FIELD",
      {},
      {{"cancel_policy.priority", "must be at most 1000000"}, {"cancel_policy", "is too large"}}};
  const char* const text = "# bad\nname: cancelPolicies/b\ndescription: bad\npriority: 2000000\n";
  EXPECT_EQ(Command(server, {"policies", "apply", "-f", "-"}, false, text).err,
            "adieu: INVALID_ARGUMENT (INVALID_FIELD): 2 fields are wrong\n"
            "  stdin:4: priority: must be at most 1000000\n"
            "  stdin:2: is too large\n");
  policies.refusal = {grpc::StatusCode::FAILED_PRECONDITION, "it is shipped", "POLICY_READ_ONLY"};
  EXPECT_EQ(Command(server, {"policies", "apply", "-f", "-"}, false, text).err,
            "adieu: FAILED_PRECONDITION (POLICY_READ_ONLY): stdin:2: it is shipped\n");
}

}  // namespace
}  // namespace adieu::cli
