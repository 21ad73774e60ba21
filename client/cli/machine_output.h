#pragma once

#include <google/protobuf/message.h>

#include <ostream>
#include <string>

#include "client/cli/session.h"

namespace adieu::cli {

// Protobuf JSON with the field names of the proto: indented, or with `line` on one line (streams). Control
// characters and marks of direction in texts are escaped by JSON's rules.
std::string ToJson(const google::protobuf::Message& message, bool line);

// The same as YAML, ending with a newline.
std::string ToYaml(const google::protobuf::Message& message);

// Prints one answer as session.output says: one JSON object, or one YAML document. With `stream` one line of
// JSON, or a YAML document that begins with `---`, and flushes. Not for Output::kTable.
void PrintMachine(const Session& session, const google::protobuf::Message& message, bool stream = false);

}  // namespace adieu::cli
