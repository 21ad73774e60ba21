#pragma once

#include <grpcpp/client_context.h>

#include <chrono>

#include "client/adieu/result.h"

namespace adieu::client {

using Deadline = std::chrono::system_clock::time_point;

// One unary RPC. Fails at once when nobody listens at the address.
template <typename Response, typename Stub, typename Request>
Result<Response> Ask(Stub& stub,
                     grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                     const Request& request, Deadline deadline) {
  grpc::ClientContext context;
  context.set_deadline(deadline);
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return FromStatus(status);
  return response;
}

}  // namespace adieu::client
