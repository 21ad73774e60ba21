#include "server/base/status_name.h"

#include <array>
#include <cstddef>

namespace adieu::base {
namespace {

struct Names {
  const char* canonical;
  const char* label;
};

// By number, 0 to 16.
constexpr std::array<Names, 17> kNames = {{{"OK", "OK"},
                                           {"CANCELLED", "Canceled"},
                                           {"UNKNOWN", "Unknown"},
                                           {"INVALID_ARGUMENT", "InvalidArgument"},
                                           {"DEADLINE_EXCEEDED", "DeadlineExceeded"},
                                           {"NOT_FOUND", "NotFound"},
                                           {"ALREADY_EXISTS", "AlreadyExists"},
                                           {"PERMISSION_DENIED", "PermissionDenied"},
                                           {"RESOURCE_EXHAUSTED", "ResourceExhausted"},
                                           {"FAILED_PRECONDITION", "FailedPrecondition"},
                                           {"ABORTED", "Aborted"},
                                           {"OUT_OF_RANGE", "OutOfRange"},
                                           {"UNIMPLEMENTED", "Unimplemented"},
                                           {"INTERNAL", "Internal"},
                                           {"UNAVAILABLE", "Unavailable"},
                                           {"DATA_LOSS", "DataLoss"},
                                           {"UNAUTHENTICATED", "Unauthenticated"}}};

const Names& NamesOf(absl::StatusCode code) {
  const auto number = static_cast<size_t>(code);
  return number < kNames.size() ? kNames[number] : kNames[static_cast<size_t>(absl::StatusCode::kUnknown)];
}

}  // namespace

std::string StatusName(absl::StatusCode code) { return NamesOf(code).canonical; }
std::string GrpcCodeLabel(absl::StatusCode code) { return NamesOf(code).label; }

}  // namespace adieu::base
