#include "server/engine/sweep_request.h"

#include <utility>

#include "server/engine/policy_errors.h"
#include "server/store/fingerprint.h"

namespace adieu::engine {
namespace {

// Of an inline policy without a name, for the record.
constexpr char kInlinePolicy[] = "cancelPolicies/inline";

}  // namespace

std::string FingerprintOf(v1::ApplyCancelPolicyRequest request) {
  request.clear_request_id();
  request.clear_sweep();
  return store::Fingerprint(request);
}

base::Result<std::shared_ptr<const policy::CompiledPolicy>> FirstPolicyOf(
    const v1::ApplyCancelPolicyRequest& request, const PolicyBook& book) {
  if (request.has_policy()) {
    auto found = book.Current()->Find(request.policy());
    if (!found) return PolicyNotFound(request.policy());
    return found;
  }
  if (!request.has_inline_policy()) return std::shared_ptr<const policy::CompiledPolicy>();
  v1::CancelPolicy policy = request.inline_policy();
  if (policy.name().empty()) policy.set_name(kInlinePolicy);
  return policy::CompiledPolicy::Compile(std::move(policy), "inline_policy", book.Own());
}

base::Error TooManyMatches(size_t matched, int max_calls) {
  const std::string count = std::to_string(matched);
  const std::string limit = std::to_string(max_calls);
  return {.code = absl::StatusCode::kFailedPrecondition,
          .reason = "TOO_MANY_MATCHES",
          .message = count + " calls match, more than max_calls, " + limit + "; nothing was done",
          .metadata = {{"matched_count", count}, {"max_calls", limit}}};
}

base::Error TooManySweeps(size_t running) {
  return {.code = absl::StatusCode::kResourceExhausted,
          .reason = "TOO_MANY_SWEEPS",
          .message = std::to_string(running) + " sweeps run already; nothing was done",
          .retry_after = std::chrono::seconds(1)};
}

base::Error SweepRunning(const std::string& sweep) {
  return {.code = absl::StatusCode::kAborted,
          .reason = "SWEEP_RUNNING",
          .message = "a stream with this request_id is open",
          .metadata = {{"sweep", sweep}}};
}

base::Error SweepNotFound(const std::string& sweep) {
  return {.code = absl::StatusCode::kNotFound,
          .reason = "SWEEP_NOT_FOUND",
          .message = "this request_id does not name that sweep, or not any more; nothing was done",
          .metadata = {{"sweep", sweep}}};
}

base::Error ShuttingDown() {
  return {.code = absl::StatusCode::kUnavailable,
          .reason = "SHUTTING_DOWN",
          .message = "the server stops; the calls that are left were not touched"};
}

}  // namespace adieu::engine
