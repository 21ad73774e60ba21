#include <absl/strings/escaping.h>

#include <algorithm>
#include <utility>

#include "server/base/log.h"
#include "server/engine/policy_book.h"
#include "server/engine/policy_change.h"
#include "server/policy/shipped.h"
#include "server/store/fingerprint.h"

// How the book is filled at the start.
namespace adieu::engine {
namespace {

constexpr size_t kEtagBytes = 13;

// The same for the same content, in every process.
std::string EtagOf(const v1::CancelPolicy& policy) {
  const std::string fingerprint = store::Fingerprint(policy);
  return absl::BytesToHexString(absl::string_view(fingerprint.data(), kEtagBytes));
}

std::string Item(const char* list, size_t i) {
  return std::string("policies.") + list + "[" + std::to_string(i) + "]";
}

}  // namespace

base::Result<PolicyBook::Policies> PolicyBook::ReadOnlyOnes(std::span<const std::string> enabled,
                                                            std::vector<v1::CancelPolicy> directory,
                                                            std::span<const std::string> own) {
  Policies policies;
  for (const Compiled& shipped : policy::ShippedPolicies()) {
    policies.emplace(shipped->policy().name(), shipped);
  }
  for (size_t i = 0; i < enabled.size(); ++i) {
    const auto found = policies.find("cancelPolicies/" + enabled[i]);
    if (found == policies.end()) {
      std::string known;
      for (const auto& [name, shipped] : policies) {
        known += (known.empty() ? "" : ", ") + name.substr(name.find('/') + 1);
      }
      return base::InvalidField(Item("enable", i), "is not a shipped policy; there are: " + known);
    }
    v1::CancelPolicy policy = found->second->policy();
    policy.set_mode(v1::CANCEL_POLICY_MODE_ENFORCED);
    policy.set_etag(EtagOf(GivenPart(policy)));
    auto compiled = policy::CompiledPolicy::Compile(std::move(policy), Item("enable", i), own);
    if (!compiled.ok()) return compiled.error();
    found->second = *std::move(compiled);
  }
  if (policies.size() + directory.size() > kMaxPolicies) {
    return base::InvalidField("policies.directory", "must have at most " +
                                                        std::to_string(kMaxPolicies - policies.size()) +
                                                        " policies, has " + std::to_string(directory.size()));
  }
  for (size_t i = 0; i < directory.size(); ++i) {
    v1::CancelPolicy policy = GivenPart(directory[i]);
    policy.set_etag(EtagOf(policy));
    policy.set_origin(v1::CANCEL_POLICY_ORIGIN_DIRECTORY);
    auto compiled = policy::CompiledPolicy::Compile(std::move(policy), Item("directory", i), own);
    if (!compiled.ok()) return compiled.error();
    const std::string& name = (*compiled)->policy().name();
    if (name == policy::kBuiltinPolicy || !policies.emplace(name, *compiled).second) {
      return base::InvalidField(Item("directory", i) + ".name",
                                "is the name of a shipped policy or of another file: " + name);
    }
  }
  return policies;
}

std::optional<base::Error> PolicyBook::Check(std::span<const std::string> enabled,
                                             std::vector<v1::CancelPolicy> directory,
                                             std::span<const std::string> own) {
  const auto policies = ReadOnlyOnes(enabled, std::move(directory), own);
  if (policies.ok()) return std::nullopt;
  return policies.error();
}

std::optional<base::Error> PolicyBook::Load(std::span<const std::string> enabled,
                                            std::vector<v1::CancelPolicy> directory,
                                            std::vector<std::string> own) {
  auto policies = ReadOnlyOnes(enabled, std::move(directory), own);
  if (!policies.ok()) return policies.error();
  auto stored = store_->Policies();
  if (!stored.ok()) return stored.error();
  std::lock_guard lock(mutex_);
  policies_ = *std::move(policies);
  unused_.clear();
  for (v1::CancelPolicy& policy : *stored) {
    const std::string name = policy.name();
    if (policies_.contains(name) || name == policy::kBuiltinPolicy) {
      base::LogWarn("stored policy hidden", {{"policy", name}});
      unused_.insert(name);
      continue;
    }
    auto compiled = policy::CompiledPolicy::Compile(std::move(policy), "", own);
    if (compiled.ok()) {
      policies_.emplace(name, *std::move(compiled));
    } else {
      base::LogError("stored policy left out", {{"policy", name}, {"error", compiled.error().message}});
      unused_.insert(name);
    }
  }
  SetOwn(std::move(own));
  Publish();
  return std::nullopt;
}

}  // namespace adieu::engine
