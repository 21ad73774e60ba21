#pragma once

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string>

namespace adieu::cli {

// Whether protobuf's JSON parser takes this text for a field of this type: whole numbers and their ranges,
// `true` and `false`. The returned text says what is wrong. Texts, enums, messages and floating point numbers
// are not looked at.
std::optional<std::string> WrongScalar(const google::protobuf::FieldDescriptor& field,
                                       const std::string& text);

// The same for the messages whose JSON is a text, google.protobuf.Duration and Timestamp.
bool IsTextMessage(const google::protobuf::Descriptor& type);
std::optional<std::string> WrongTextMessage(const google::protobuf::Descriptor& type,
                                            const std::string& text);

}  // namespace adieu::cli
