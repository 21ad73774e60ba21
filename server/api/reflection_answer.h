#pragma once

#include <string>
#include <vector>

#include "grpc/reflection/v1alpha/reflection.pb.h"

namespace adieu::api {

// The answer to one question about the schema, as reflection.proto says: files come with those that they
// import. `services`: all that there are. Pure.
grpc::reflection::v1alpha::ServerReflectionResponse AnswerOf(
    const grpc::reflection::v1alpha::ServerReflectionRequest& request,
    const std::vector<std::string>& services);

}  // namespace adieu::api
