#pragma once

#include <google/protobuf/descriptor.h>
#include <yaml-cpp/yaml.h>

#include <stdexcept>
#include <string>

namespace adieu::cli {

// What is wrong with a YAML document, with the path of the key.
class BadYaml : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The protobuf JSON of a YAML document that holds a message of this type. Checks what protobuf's JSON parser
// does not, or says badly: unknown and repeated keys, enum values, messages left empty. Types and ranges are
// left to it. Throws BadYaml. At most 32 levels and about 1 MiB of JSON, however small the document
// (aliases).
std::string YamlToJson(const YAML::Node& root, const google::protobuf::Descriptor& type);

}  // namespace adieu::cli
