#include "client/cli/yaml_to_json.h"

#include <cstdint>
#include <cstdio>
#include <set>

#include "client/cli/enums.h"
#include "client/cli/scalar.h"

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

int LineOf(const YAML::Node& node) { return node.Mark().is_null() ? 0 : node.Mark().line + 1; }

std::string FieldNames(const google::protobuf::OneofDescriptor& oneof) {
  std::string names;
  for (int i = 0; i < oneof.field_count(); ++i) names += (i > 0 ? ", " : "") + oneof.field(i)->name();
  return names;
}

class Writer {
 public:
  explicit Writer(FieldLines& lines) : lines_(lines) {}

  std::string Write(const YAML::Node& root, const Descriptor& type) {
    lines_.Add("", LineOf(root));
    Message(root, type, "", 0);
    return std::move(json_);
  }

 private:
  void Put(const std::string& text) {
    json_ += text;
    if (json_.size() > kMostBytes) throw BadYaml(0, "more than 1 MiB");
  }

  // An empty value stands nowhere; its key does.
  [[noreturn]] void Refuse(const YAML::Node& where, const std::string& path, const std::string& what) const {
    throw BadYaml(where.IsNull() ? lines_.Find(path) : LineOf(where),
                  path.empty() ? what : path + ": " + what);
  }

  void Message(const YAML::Node& node, const Descriptor& type, const std::string& path, int level) {
    if (level > kMostLevels) Refuse(node, path, "more than 32 levels deep");
    if (IsTextMessage(type)) {
      if (!node.IsScalar()) Refuse(node, path, "must be a text");
      if (const auto wrong = WrongTextMessage(type, node.Scalar())) Refuse(node, path, *wrong);
      return Put(Quoted(node.Scalar()));
    }
    if (node.IsNull()) Refuse(node, path, "is empty; write {} for a message without fields");
    if (!node.IsMap()) Refuse(node, path, "must be a map of fields");
    std::set<const FieldDescriptor*> seen;
    std::set<const google::protobuf::OneofDescriptor*> decided;
    Put("{");
    for (const auto& entry : node) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      const FieldDescriptor* field = type.FindFieldByName(key);
      if (field == nullptr) field = type.FindFieldByCamelcaseName(key);
      if (field == nullptr) Refuse(entry.first, Join(path, key), "no such field in " + type.name());
      if (!seen.insert(field).second) Refuse(entry.first, Join(path, key), "is given twice");
      const auto* oneof = field->real_containing_oneof();
      if (oneof != nullptr && !decided.insert(oneof).second) {
        Refuse(entry.first, Join(path, key), "only one of " + FieldNames(*oneof) + " may be given");
      }
      if (seen.size() > 1) Put(",");
      Put(Quoted(field->name()) + ":");
      const std::string inner = Join(path, field->name());
      lines_.Add(inner, LineOf(entry.first));
      Field(entry.second, *field, inner, level);
    }
    Put("}");
  }

  void Field(const YAML::Node& node, const FieldDescriptor& field, const std::string& path, int level) {
    if (field.is_map()) return Map(node, field, path, level);
    if (!field.is_repeated()) return Value(node, field, path, level);
    if (!node.IsSequence()) Refuse(node, path, "must be a list");
    Put("[");
    for (size_t i = 0; i < node.size(); ++i) {
      if (i > 0) Put(",");
      const std::string item = path + "[" + std::to_string(i) + "]";
      lines_.Add(item, LineOf(node[i]));
      Value(node[i], field, item, level);
    }
    Put("]");
  }

  void Map(const YAML::Node& node, const FieldDescriptor& field, const std::string& path, int level) {
    if (!node.IsMap()) Refuse(node, path, "must be a map");
    const FieldDescriptor& value = *field.message_type()->map_value();
    std::set<std::string> seen;
    Put("{");
    for (const auto& entry : node) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (!seen.insert(key).second) Refuse(entry.first, Join(path, key), "is given twice");
      if (seen.size() > 1) Put(",");
      Put(Quoted(key) + ":");
      lines_.Add(Join(path, key), LineOf(entry.first));
      Value(entry.second, value, Join(path, key), level);
    }
    Put("}");
  }

  void Value(const YAML::Node& node, const FieldDescriptor& field, const std::string& path, int level) {
    if (field.message_type() != nullptr) return Message(node, *field.message_type(), path, level + 1);
    if (!node.IsScalar()) Refuse(node, path, node.IsNull() ? "is empty" : "must be one value");
    const std::string& text = node.Scalar();
    if (field.enum_type() != nullptr) {
      const auto* value = FindEnumValue(*field.enum_type(), text);
      if (value == nullptr) {
        Refuse(node, path, "\"" + text + "\" is not one of " + EnumChoices(*field.enum_type()));
      }
      return Put(Quoted(value->name()));
    }
    if (const auto wrong = WrongScalar(field, text)) Refuse(node, path, *wrong);
    const bool truth = field.type() == FieldDescriptor::TYPE_BOOL;
    Put(truth ? text : Quoted(text));
  }

  FieldLines& lines_;
  std::string json_;
};

}  // namespace

std::string YamlToJson(const YAML::Node& root, const Descriptor& type, FieldLines& lines) {
  return Writer(lines).Write(root, type);
}

}  // namespace adieu::cli
