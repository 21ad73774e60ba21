#pragma once

#include <google/protobuf/descriptor.h>
#include <yaml-cpp/yaml.h>

#include <stdexcept>
#include <string>

#include "client/cli/field_lines.h"

namespace adieu::cli {

// What is wrong with a YAML document, with the path of the key.
class BadYaml : public std::runtime_error {
 public:
  BadYaml(int line, const std::string& what) : std::runtime_error(what), line_(line) {}
  // From 1. Zero: the document as a whole is wrong.
  int line() const { return line_; }

 private:
  int line_;
};

// The protobuf JSON of a YAML document that holds a message of this type, and the lines of its fields. Checks
// what protobuf's JSON parser does not, or says without the place: unknown and repeated keys, two fields of a
// oneof, enum values, whole numbers, durations, times, messages left empty. Throws BadYaml. At most 32 levels
// and about 1 MiB of JSON, however small the document (aliases).
std::string YamlToJson(const YAML::Node& root, const google::protobuf::Descriptor& type, FieldLines& lines);

}  // namespace adieu::cli
