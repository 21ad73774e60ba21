#pragma once

#include <google/protobuf/message.h>

#include <optional>
#include <string>

namespace adieu::api {

// The path of the first field in a request that compares what tells about people (sensitivity.proto)
// otherwise than by `exact`: by trying prefixes, who sees it masked would find it out digit by digit. Not
// looked at in an ExplainCancelPolicyRequest about a made-up call. Nothing: there is none. Pure.
std::optional<std::string> FindPersonalMatch(const google::protobuf::Message& request);

}  // namespace adieu::api
