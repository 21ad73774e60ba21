#include "server/engine/policy_errors.h"

namespace adieu::engine {

base::Error PolicyNotFound(const std::string& policy) {
  return {.code = absl::StatusCode::kNotFound,
          .reason = "POLICY_NOT_FOUND",
          .message = "there is no policy " + policy,
          .metadata = {{"policy", policy}}};
}

base::Error PolicyExists(const std::string& policy) {
  return {.code = absl::StatusCode::kAlreadyExists,
          .reason = "POLICY_EXISTS",
          .message = "there is a policy " + policy + " already",
          .metadata = {{"policy", policy}}};
}

base::Error PolicyReadOnly(const std::string& policy) {
  return {.code = absl::StatusCode::kFailedPrecondition,
          .reason = "POLICY_READ_ONLY",
          .message = policy + " is shipped or comes from a file: it can be read only",
          .metadata = {{"policy", policy}}};
}

base::Error EtagMismatch(const std::string& policy, const std::string& current_etag) {
  return {.code = absl::StatusCode::kAborted,
          .reason = "ETAG_MISMATCH",
          .message = policy + " was changed meanwhile: read it again",
          .metadata = {{"policy", policy}, {"etag", current_etag}}};
}

base::Error TooManyPolicies() {
  return {.code = absl::StatusCode::kResourceExhausted,
          .reason = "TOO_MANY_POLICIES",
          .message = "there are 1,000 policies already, the built-in one not counted: remove one first"};
}

base::Error Draining() {
  return {.code = absl::StatusCode::kUnavailable,
          .reason = "DRAINING",
          .message = "the server is going down and takes no changes of policies any more"};
}

}  // namespace adieu::engine
