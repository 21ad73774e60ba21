#pragma once

#include <grpcpp/support/status.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace adieu::client {

// One wrong field of a request, as the server sees it.
struct Violation {
  // The path of the field from the request's root, in proto field names.
  std::string field;
  std::string description;
};

// Why the server, or the way to it, gave no answer: a value.
struct Error {
  grpc::StatusCode code = grpc::StatusCode::UNKNOWN;
  std::string message;
  // google.rpc.ErrorInfo.reason. Empty: the error does not come from Adieu (no connection, deadline, proxy).
  std::string reason = {};
  // google.rpc.ErrorInfo.metadata.
  std::map<std::string, std::string> metadata = {};
  // google.rpc.BadRequest.
  std::vector<Violation> violations = {};
  // google.rpc.RetryInfo: when a retry may do better.
  std::optional<std::chrono::milliseconds> retry_after = {};
};

// The Error of a status that is not OK, with its google.rpc details. Details of other types are passed over.
Error FromStatus(const grpc::Status& status);

// `NOT_FOUND`; `CODE_99` for a code that gRPC does not know.
std::string CodeName(grpc::StatusCode code);

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

}  // namespace adieu::client
