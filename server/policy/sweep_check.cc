#include "server/policy/sweep_check.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "server/policy/ascii.h"
#include "server/policy/policy_name.h"
#include "server/policy/request_check.h"

namespace adieu::policy {
namespace {

constexpr int kMaxCalls = 100'000;
constexpr double kMaxCallsPerSecond = 10'000;
constexpr std::string_view kSweeps = "sweeps/";
constexpr size_t kMaxSweepIdBytes = 64;

bool IsSweepName(std::string_view name) {
  if (!name.starts_with(kSweeps)) return false;
  name.remove_prefix(kSweeps.size());
  return !name.empty() && name.size() <= kMaxSweepIdBytes && std::all_of(name.begin(), name.end(), IsAlnum);
}

}  // namespace

std::optional<base::Error> CheckApplyRequest(const v1::ApplyCancelPolicyRequest& request) {
  if (request.has_policy() && !IsPolicyName(request.policy())) {
    return base::InvalidField("policy", kPolicyNameForm);
  }
  if (const std::string& name = request.inline_policy().name(); !name.empty() && !IsPolicyName(name)) {
    return base::InvalidField("inline_policy.name", kPolicyNameForm);
  }
  if (!request.has_match()) {
    return base::InvalidField("match", "is required; every_call means every call");
  }
  if (!v1::Intent_IsValid(request.intent())) return base::InvalidField("intent", "is not an intent");
  if (request.max_calls() < 1 || request.max_calls() > kMaxCalls) {
    return base::InvalidField("max_calls", "must be 1 to 100000");
  }
  const double rate = request.calls_per_second();
  if (!std::isfinite(rate) || rate < 0 || rate > kMaxCallsPerSecond) {
    return base::InvalidField("calls_per_second", "must be 0 to 10000");
  }
  if (auto error = CheckNote(request.note())) return error;
  if (auto error = CheckRequestId(request.request_id())) return error;
  if (request.sweep().empty()) return std::nullopt;
  if (!IsSweepName(request.sweep())) {
    return base::InvalidField("sweep", "must be sweeps/{sweep}, {sweep} 1 to 64 letters and digits");
  }
  if (request.request_id().empty()) return base::InvalidField("sweep", "needs the request_id of the sweep");
  return std::nullopt;
}

}  // namespace adieu::policy
