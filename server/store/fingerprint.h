#pragma once

#include <google/protobuf/message_lite.h>

#include <string>

namespace adieu::store {

// SHA-256 (32 bytes) of the message: equal messages have equal fingerprints, in every process of this build.
// Clear `request_id` and what does not change the meaning of a request first.
std::string Fingerprint(const google::protobuf::MessageLite& message);

}  // namespace adieu::store
