#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

namespace adieu::base {

// Hides whom a text is about (sensitivity.proto). Pure, any thread.

// The user part or number of a sip, sips or tel URI becomes `*****`; its first five and last two characters
// stay when it has more than nine: `sip:+4930123456712@host` -> `sip:+4930*****12@host`. Password, parameters
// and headers are left out. What is no such URI is taken as a user part whole. Empty stays empty.
std::string MaskUri(std::string_view uri);

// Masks every string under a field with SENSITIVITY_PERSONAL, in place, at any depth: URIs as MaskUri does,
// other text whole, but for what sensitivity.proto names.
void MaskPersonal(google::protobuf::Message* message);

}  // namespace adieu::base
