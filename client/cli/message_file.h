#pragma once

#include <google/protobuf/message.h>

#include <optional>
#include <string>

namespace adieu::cli {

// Reads one message from a YAML or JSON file (JSON is YAML) with the field names of the proto. Enum values
// may be written as on the command line. Unknown and repeated keys, more than one document, and more than 1
// MiB are refused. The returned text says what is wrong, beginning with the file's name; nothing: `message`
// is filled.
std::optional<std::string> ReadMessageFile(const std::string& path, google::protobuf::Message& message);

}  // namespace adieu::cli
