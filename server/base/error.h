#pragma once

#include <absl/status/status.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace adieu::base {

// One wrong field of a request.
struct FieldViolation {
  // The path of the field from the request's root, in proto field names:
  // `treatment.final_response.headers[2].name`.
  std::string field;
  // What is wrong with it, naming the limit.
  std::string description;
};

// Why something was not done: a value, in canonical codes. `server/api` turns it into a gRPC status with
// google.rpc details; nothing else does.
struct Error {
  absl::StatusCode code = absl::StatusCode::kInternal;
  // ErrorInfo.reason: UPPER_SNAKE_CASE, from the list in call_control_service.proto.
  std::string reason;
  // One sentence for a person.
  std::string message;
  // BadRequest, for INVALID_ARGUMENT.
  std::vector<FieldViolation> violations = {};
  // ErrorInfo.metadata.
  std::map<std::string, std::string> metadata = {};
  // RetryInfo: when a retry may do better.
  std::optional<std::chrono::milliseconds> retry_after = {};
};

// INVALID_ARGUMENT (INVALID_FIELD) that names one field.
inline Error InvalidField(std::string field, std::string description) {
  std::string message = field + ": " + description;
  return Error{.code = absl::StatusCode::kInvalidArgument,
               .reason = "INVALID_FIELD",
               .message = std::move(message),
               .violations = {{std::move(field), std::move(description)}}};
}

// A value, or why there is none.
template <typename T>
class Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return std::holds_alternative<T>(state_); }
  // Only when ok().
  T& operator*() { return std::get<T>(state_); }
  const T& operator*() const { return std::get<T>(state_); }
  T* operator->() { return &std::get<T>(state_); }
  const T* operator->() const { return &std::get<T>(state_); }
  // Only when not ok().
  const Error& error() const { return std::get<Error>(state_); }

 private:
  std::variant<T, Error> state_;
};

}  // namespace adieu::base
