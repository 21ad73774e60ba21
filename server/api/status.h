#pragma once

#include <grpcpp/support/status.h>

#include "server/base/error.h"

namespace adieu::api {

// An error as gRPC sends it: canonical code, message, and in the details (`grpc-status-details-bin`) a
// google.rpc.Status with ErrorInfo (domain `adieu.v1`), BadRequest and RetryInfo. Pure.
grpc::Status ToStatus(const base::Error& error);

}  // namespace adieu::api
