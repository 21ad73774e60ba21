#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <utility>

#include "server/api/rpc_count.h"
#include "server/api/status.h"
#include "server/base/error.h"

namespace adieu::api {

// Answers a unary RPC at once, and counts it.
template <typename T>
grpc::ServerUnaryReactor* Reply(grpc::CallbackServerContext* context, const RpcCount& count,
                                base::Result<T> result, T* response) {
  const grpc::Status status = result.ok() ? grpc::Status::OK : ToStatus(result.error());
  if (result.ok()) *response = std::move(*result);
  count.Handled(status.error_code());
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(status);
  return reactor;
}

}  // namespace adieu::api
