#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <utility>

#include "server/api/rpc.h"
#include "server/base/error.h"

namespace adieu::api {

// Answers a unary RPC at once. `work`, a function that gives a base::Result<T>, is called when it is let in.
template <typename T, typename Work>
grpc::ServerUnaryReactor* Reply(grpc::CallbackServerContext* context, const Rpc& rpc, Work work,
                                T* response) {
  base::Result<T> result = rpc.refusal() ? base::Result<T>(*rpc.refusal()) : work();
  if (result.ok()) {
    *response = *std::move(result);
    rpc.Mask(response);
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(result.ok() ? rpc.Succeed(*response) : rpc.Fail(result.error()));
  return reactor;
}

}  // namespace adieu::api
