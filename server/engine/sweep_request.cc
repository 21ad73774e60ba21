#include "server/engine/sweep_request.h"

#include <algorithm>

#include "server/policy/text_check.h"
#include "server/store/fingerprint.h"

namespace adieu::engine {
namespace {

constexpr int kMaxCalls = 100'000;
constexpr double kMaxRate = 10'000;
constexpr size_t kMaxNoteBytes = 256;
constexpr size_t kMaxRequestIdBytes = 128;
constexpr size_t kMaxSweepBytes = 64;

bool IsPrintable(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

std::string FingerprintOf(v1::ApplyCancelPolicyRequest request) {
  request.clear_request_id();
  request.clear_sweep();
  return store::Fingerprint(request);
}

std::optional<base::Error> CheckSweepRequest(const v1::ApplyCancelPolicyRequest& request) {
  if (!request.has_match()) {
    return base::InvalidField("match", "must be given: to mean every call say every_call");
  }
  if (!v1::Intent_IsValid(request.intent())) return base::InvalidField("intent", "is not an intent");
  if (request.max_calls() < 1 || request.max_calls() > kMaxCalls) {
    return base::InvalidField("max_calls", "must be 1 to 100,000");
  }
  // NaN is refused too.
  if (!(request.calls_per_second() >= 0 && request.calls_per_second() <= kMaxRate)) {
    return base::InvalidField("calls_per_second", "must be 0 to 10,000");
  }
  if (auto error = policy::CheckText(request.note(), kMaxNoteBytes, "note")) return error;
  if (request.request_id().size() > kMaxRequestIdBytes || !IsPrintable(request.request_id())) {
    return base::InvalidField("request_id", "must be at most 128 printable ASCII characters");
  }
  if (request.sweep().size() > kMaxSweepBytes || !IsPrintable(request.sweep())) {
    return base::InvalidField("sweep", "must be at most 64 printable ASCII characters");
  }
  if (!request.sweep().empty() && request.request_id().empty()) {
    return base::InvalidField("sweep", "needs the request_id that names the sweep");
  }
  return std::nullopt;
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

base::Error SweepIdReused() {
  return {.code = absl::StatusCode::kInvalidArgument,
          .reason = "REQUEST_ID_REUSED",
          .message = "request_id: was used for another request",
          .violations = {{"request_id", "was used for another request"}}};
}

base::Error ShuttingDown() {
  return {.code = absl::StatusCode::kUnavailable,
          .reason = "SHUTTING_DOWN",
          .message = "the server stops; the calls that are left were not touched"};
}

}  // namespace adieu::engine
