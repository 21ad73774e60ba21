#include "server/policy/shipped.h"

#include <google/protobuf/text_format.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "server/policy/shipped_files.h"

namespace adieu::policy {
namespace {

// FNV-1a: tells one content from another, which is all that an etag of a shipped policy is for.
std::string EtagOf(const v1::CancelPolicy& policy) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const char c : policy.SerializeAsString()) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  }
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
  return text.data();
}

// The files are part of the program, and a unit test reads them: one that is refused is a fault of ours.
std::shared_ptr<const CompiledPolicy> Ship(const char* file) {
  v1::CancelPolicy policy;
  if (!google::protobuf::TextFormat::ParseFromString(file, &policy)) std::abort();
  policy.set_etag(EtagOf(policy));
  policy.set_origin(v1::CANCEL_POLICY_ORIGIN_SHIPPED);
  auto compiled = CompiledPolicy::Compile(std::move(policy), "shipped", {});
  if (!compiled.ok()) {
    std::fprintf(stderr, "%s\n", compiled.error().message.c_str());
    std::abort();
  }
  return std::move(*compiled);
}

}  // namespace

const std::shared_ptr<const CompiledPolicy>& BuiltinPolicy() {
  static const auto policy = Ship(kBuiltinFile);
  return policy;
}

const std::vector<std::shared_ptr<const CompiledPolicy>>& ShippedPolicies() {
  static const std::vector<std::shared_ptr<const CompiledPolicy>> policies = {Ship(kQuietKillsFile)};
  return policies;
}

}  // namespace adieu::policy
