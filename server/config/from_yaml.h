#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "server/config/origins.h"
#include "server/config/problems.h"
#include "server/config/yaml_tree.h"

namespace adieu::config {

// What else a text may be.
enum class Texts {
  // One line, and not empty.
  kOneLine,
  // May have line breaks (LF).
  kLineBreaks,
};

// Fills `message` from a map with its field names as keys, and records in `origins` where each key was
// written (`name:line`). Each key must be known and built, be there once, and have a value of its field's
// type; a duration is a text (duration.h), a time one as in RFC 3339, an enum value its name in any case,
// with or without its prefix, of a oneof only one field may be given. A field with the option `secret` is no
// key. What is wrong goes to `problems`, and the field stays unset. Pure.
void FromYaml(const YamlNode& node, const std::string& name, google::protobuf::Message* message,
              Origins* origins, Problems* problems, Texts texts = Texts::kOneLine);

}  // namespace adieu::config
