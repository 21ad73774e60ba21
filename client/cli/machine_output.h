#pragma once

#include <google/protobuf/message.h>

#include "client/cli/session.h"

namespace adieu::cli {

// Prints one answer as session.output says, which is not Output::kTable. JSON is protobuf JSON with the field
// names of the proto: one indented object, with `stream` one line. YAML is the same as one document, with
// `stream` after `---`. A stream is flushed. Control characters and marks of direction in texts are escaped
// by JSON's rules. Returns an Exit: kRefused, with a line on session.err, for an answer that JSON cannot hold
// (a time beyond year 9999).
int PrintMachine(const Session& session, const google::protobuf::Message& message, bool stream = false);

}  // namespace adieu::cli
