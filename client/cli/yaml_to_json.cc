#include "client/cli/yaml_to_json.h"

#include <cstdint>
#include <cstdio>
#include <set>

#include "client/cli/enums.h"

namespace adieu::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr int kMostLevels = 32;
constexpr size_t kMostBytes = 1024 * 1024;

std::string Quoted(const std::string& text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<uint8_t>(c) < 0x20) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(c));
      json += code;
    } else {
      json += c;
    }
  }
  return json + '"';
}

std::string Join(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

[[noreturn]] void Refuse(const std::string& path, const std::string& what) {
  throw BadYaml(path.empty() ? what : path + ": " + what);
}

// Messages whose JSON is a text.
bool IsText(const Descriptor& type) {
  return type.full_name() == "google.protobuf.Duration" || type.full_name() == "google.protobuf.Timestamp";
}

class Writer {
 public:
  std::string Write(const YAML::Node& root, const Descriptor& type) {
    Message(root, type, "", 0);
    return std::move(json_);
  }

 private:
  void Put(const std::string& text) {
    json_ += text;
    if (json_.size() > kMostBytes) throw BadYaml("more than 1 MiB");
  }

  void Message(const YAML::Node& node, const Descriptor& type, const std::string& path, int level) {
    if (level > kMostLevels) Refuse(path, "more than 32 levels deep");
    if (IsText(type)) {
      if (!node.IsScalar()) Refuse(path, "must be a text");
      return Put(Quoted(node.Scalar()));
    }
    if (node.IsNull()) Refuse(path, "is empty; write {} for a message without fields");
    if (!node.IsMap()) Refuse(path, "must be a map of fields");
    std::set<const FieldDescriptor*> seen;
    Put("{");
    for (const auto& entry : node) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      const FieldDescriptor* field = type.FindFieldByName(key);
      if (field == nullptr) field = type.FindFieldByCamelcaseName(key);
      if (field == nullptr) Refuse(Join(path, key), "no such field in " + type.name());
      if (!seen.insert(field).second) Refuse(Join(path, key), "is given twice");
      if (seen.size() > 1) Put(",");
      Put(Quoted(field->name()) + ":");
      Field(entry.second, *field, Join(path, field->name()), level);
    }
    Put("}");
  }

  void Field(const YAML::Node& node, const FieldDescriptor& field, const std::string& path, int level) {
    if (field.is_map()) return Map(node, field, path, level);
    if (!field.is_repeated()) return Value(node, field, path, level);
    if (!node.IsSequence()) Refuse(path, "must be a list");
    Put("[");
    for (size_t i = 0; i < node.size(); ++i) {
      if (i > 0) Put(",");
      Value(node[i], field, path + "[" + std::to_string(i) + "]", level);
    }
    Put("]");
  }

  void Map(const YAML::Node& node, const FieldDescriptor& field, const std::string& path, int level) {
    if (!node.IsMap()) Refuse(path, "must be a map");
    const FieldDescriptor& value = *field.message_type()->map_value();
    std::set<std::string> seen;
    Put("{");
    for (const auto& entry : node) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (!seen.insert(key).second) Refuse(Join(path, key), "is given twice");
      if (seen.size() > 1) Put(",");
      Put(Quoted(key) + ":");
      Value(entry.second, value, Join(path, key), level);
    }
    Put("}");
  }

  void Value(const YAML::Node& node, const FieldDescriptor& field, const std::string& path, int level) {
    if (field.message_type() != nullptr) return Message(node, *field.message_type(), path, level + 1);
    if (!node.IsScalar()) Refuse(path, node.IsNull() ? "is empty" : "must be one value");
    const std::string& text = node.Scalar();
    if (field.enum_type() != nullptr) {
      const auto* value = FindEnumValue(*field.enum_type(), text);
      if (value == nullptr) {
        Refuse(path, "\"" + text + "\" is not one of " + EnumChoices(*field.enum_type()));
      }
      return Put(Quoted(value->name()));
    }
    const bool truth = field.type() == FieldDescriptor::TYPE_BOOL && (text == "true" || text == "false");
    Put(truth ? text : Quoted(text));
  }

  std::string json_;
};

}  // namespace

std::string YamlToJson(const YAML::Node& root, const Descriptor& type) { return Writer().Write(root, type); }

}  // namespace adieu::cli
