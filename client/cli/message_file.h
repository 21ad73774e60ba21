#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/field_lines.h"

namespace adieu::cli {

// Reads one message from a YAML or JSON file (JSON is YAML) with the field names of the proto. Enum values
// may be written as on the command line. Unknown and repeated keys, more than one document, and more than 1
// MiB are refused. The returned text says what is wrong, beginning with the file's name and, where one is
// known, `:` and the line; nothing: `message` is filled, and `lines`, when it is given.
std::optional<std::string> ReadMessageFile(const std::string& path, google::protobuf::Message& message,
                                           FieldLines* lines = nullptr);

// The same for a file of several documents, one message each; empty documents are passed over. `next` gives
// the message to fill for each document in turn, and its lines. Stops at the first that is wrong. With the
// path `-` reads `in`, which is called `stdin` then.
struct MessageSlot {
  google::protobuf::Message& message;
  FieldLines& lines;
};
std::optional<std::string> ReadMessagesFile(const std::string& path, std::istream& in,
                                            const std::function<MessageSlot()>& next);

}  // namespace adieu::cli
