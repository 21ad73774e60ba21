#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "adieu/v1/cancel_policy.pb.h"

namespace adieu::cli {

// What a policy says, without what only the server says (etag, times, origin) and with the mode that it
// means. Equal policies are equal after this.
v1::CancelPolicy Essence(v1::CancelPolicy policy);

// Any message as YAML, as `-o yaml` prints it.
std::string ToYaml(const google::protobuf::Message& message);

}  // namespace adieu::cli
