#pragma once

#include <grpcpp/server_context.h>

#include "server/access/credentials.h"

namespace adieu::api {

// What the client of an RPC shows of itself.
access::Credentials CredentialsOf(const grpc::CallbackServerContext& context);

}  // namespace adieu::api
