#include "server/api/status.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/base/clock.h"

namespace adieu::api {
namespace {

constexpr char kDomain[] = "adieu.v1";

}  // namespace

grpc::Status ToStatus(const base::Error& error) {
  google::rpc::Status status;
  status.set_code(static_cast<int>(error.code));
  status.set_message(error.message);

  google::rpc::ErrorInfo info;
  info.set_reason(error.reason);
  info.set_domain(kDomain);
  info.mutable_metadata()->insert(error.metadata.begin(), error.metadata.end());
  status.add_details()->PackFrom(info);

  if (!error.violations.empty()) {
    google::rpc::BadRequest request;
    for (const base::FieldViolation& violation : error.violations) {
      auto* field = request.add_field_violations();
      field->set_field(violation.field);
      field->set_description(violation.description);
    }
    status.add_details()->PackFrom(request);
  }
  if (error.retry_after) {
    google::rpc::RetryInfo retry;
    *retry.mutable_retry_delay() = base::ToDuration(*error.retry_after);
    status.add_details()->PackFrom(retry);
  }
  return {static_cast<grpc::StatusCode>(error.code), error.message, status.SerializeAsString()};
}

}  // namespace adieu::api
