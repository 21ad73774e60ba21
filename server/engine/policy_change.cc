#include "server/engine/policy_change.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "server/base/utf8.h"
#include "server/policy/policy_name.h"

namespace adieu::engine {
namespace {

constexpr std::string_view kAll = "*";
constexpr std::array<std::string_view, 5> kPaths = {kAll, "description", "mode", "priority", "rules"};
constexpr std::string_view kCollection = "cancelPolicies/";
constexpr size_t kMaxQuoted = 64;

}  // namespace

base::Result<std::string> NameToCreate(const v1::CreateCancelPolicyRequest& request) {
  const std::string& given = request.cancel_policy().name();
  if (request.cancel_policy_id().empty()) {
    if (!policy::IsPolicyName(given)) {
      return base::InvalidField("cancel_policy.name", policy::kPolicyNameForm);
    }
    return given;
  }
  std::string name = std::string(kCollection) + request.cancel_policy_id();
  if (!policy::IsPolicyName(name)) {
    return base::InvalidField(
        "cancel_policy_id", "must be 1 to 63 lower-case letters, digits and hyphens, the first one a letter");
  }
  if (!given.empty() && given != name) {
    return base::InvalidField("cancel_policy.name", "must be empty or the same as cancel_policy_id");
  }
  return name;
}

std::optional<base::Error> CheckUpdateMask(const google::protobuf::FieldMask& mask) {
  for (const std::string& path : mask.paths()) {
    if (std::find(kPaths.begin(), kPaths.end(), path) != kPaths.end()) continue;
    std::string description(1, '`');
    description.append(base::CutUtf8(path, kMaxQuoted));
    description.append("` is not a field that can be changed: description, mode, priority, rules or *");
    return base::InvalidField("update_mask", std::move(description));
  }
  return std::nullopt;
}

v1::CancelPolicy Changed(v1::CancelPolicy policy, const v1::CancelPolicy& from,
                         const google::protobuf::FieldMask& mask) {
  const auto names = [&](std::string_view field) {
    return mask.paths().empty() || std::any_of(mask.paths().begin(), mask.paths().end(),
                                               [&](const auto& p) { return p == field || p == kAll; });
  };
  if (names("description")) policy.set_description(from.description());
  if (names("mode")) policy.set_mode(from.mode());
  if (names("priority")) policy.set_priority(from.priority());
  if (names("rules")) *policy.mutable_rules() = from.rules();
  return policy;
}

v1::CancelPolicy GivenPart(const v1::CancelPolicy& policy) {
  v1::CancelPolicy given = Changed({}, policy, {});
  given.set_name(policy.name());
  return given;
}

}  // namespace adieu::engine
