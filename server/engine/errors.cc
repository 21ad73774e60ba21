#include "server/engine/errors.h"

#include <algorithm>

namespace adieu::engine {
namespace {

// How many names the metadata of AMBIGUOUS holds at most: it travels in a trailer.
constexpr size_t kMaxNames = 20;

}  // namespace

base::Error CallNotFound(const std::string& call) {
  return {.code = absl::StatusCode::kNotFound,
          .reason = "CALL_NOT_FOUND",
          .message = "no such call, or it ended too long ago",
          .metadata = {{"call", call}}};
}

base::Error SipCallIdNotFound(const std::string& sip_call_id) {
  return {.code = absl::StatusCode::kNotFound,
          .reason = "CALL_NOT_FOUND",
          .message = "no call has this SIP Call-ID, or it ended too long ago",
          .metadata = {{"sip_call_id", sip_call_id}}};
}

base::Error CallTerminated(const std::string& call) {
  return {.code = absl::StatusCode::kFailedPrecondition,
          .reason = "CALL_TERMINATED",
          .message = "the call has ended",
          .metadata = {{"call", call}}};
}

base::Error CallTerminating(const std::string& call, const std::string& termination) {
  base::Error error{.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "CALL_TERMINATING",
                    .message = "the call is being ended",
                    .metadata = {{"call", call}}};
  if (!termination.empty()) error.metadata["termination"] = termination;
  return error;
}

base::Error Ambiguous(const std::vector<std::string>& calls) {
  std::string names;
  for (size_t i = 0; i < std::min(calls.size(), kMaxNames); ++i) names += (i == 0 ? "" : ",") + calls[i];
  return {.code = absl::StatusCode::kFailedPrecondition,
          .reason = "AMBIGUOUS",
          .message = std::to_string(calls.size()) + " live calls have this SIP Call-ID: give a name instead",
          .metadata = {{"calls", names}, {"call_count", std::to_string(calls.size())}}};
}

base::Error QueueFull() {
  return {.code = absl::StatusCode::kResourceExhausted,
          .reason = "QUEUE_FULL",
          .message = "too many requests wait; nothing was done",
          .retry_after = std::chrono::milliseconds(200)};
}

base::Error RequestIdReused() {
  return {.code = absl::StatusCode::kInvalidArgument,
          .reason = "REQUEST_ID_REUSED",
          .message = "request_id: was used for another request",
          .violations = {{"request_id", "was used for another request"}}};
}

base::Error ResumeTokenExpired() {
  return {.code = absl::StatusCode::kOutOfRange,
          .reason = "RESUME_TOKEN_EXPIRED",
          .message = "the token is from before a restart or from too long ago: list again"};
}

base::Error WatcherTooSlow() {
  return {.code = absl::StatusCode::kResourceExhausted,
          .reason = "WATCHER_TOO_SLOW",
          .message = "too many changes waited for this client: list again"};
}

}  // namespace adieu::engine
