#include "server/config/from_yaml.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/reflection.h>
#include <google/protobuf/util/time_util.h>

#include <cctype>
#include <charconv>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>

#include "adieu/config/v1/config.pb.h"
#include "server/base/utf8.h"
#include "server/config/duration.h"

namespace adieu::config {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Kind = YamlNode::Kind;

constexpr size_t kMaxText = 4096;

std::string_view Describe(const YamlNode& node) {
  switch (node.kind) {
    case Kind::kNull:
      return "nothing";
    case Kind::kScalar:
      return "a single value";
    case Kind::kList:
      return "a list";
    case Kind::kMap:
      return "a map";
  }
  return "";
}

// The field that this key names.
const FieldDescriptor* FindKey(const Descriptor& type, const std::string& key) {
  const FieldDescriptor* field = type.FindFieldByName(key);
  return field == nullptr || field->options().GetExtension(v1::secret) ? nullptr : field;
}

std::string KnownKeys(const Descriptor& type) {
  std::string keys;
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& options = type.field(i)->options();
    if (options.GetExtension(v1::not_built) || options.GetExtension(v1::secret)) continue;
    if (!keys.empty()) keys += ", ";
    keys += type.field(i)->name();
  }
  return keys.empty() ? "none" : keys;
}

// The value of an enum by its name in any case, with or without the prefix that its zero value shows
// (`X_UNSPECIFIED`). The zero value itself cannot be chosen.
const EnumValueDescriptor* FindEnumValue(const EnumDescriptor& type, std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const std::string& zero = type.FindValueByNumber(0)->name();
  const std::string prefix = zero.substr(0, zero.rfind("UNSPECIFIED"));
  const EnumValueDescriptor* value = type.FindValueByName(text);
  if (value == nullptr) value = type.FindValueByName(prefix + text);
  return value == nullptr || value->number() == 0 ? nullptr : value;
}

std::string EnumNames(const EnumDescriptor& type) {
  std::string names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() == 0) continue;
    if (!names.empty()) names += ", ";
    names += type.value(i)->name();
  }
  return names;
}

class Loader {
 public:
  Loader(const std::string& name, Origins* origins, Problems* problems, Texts texts)
      : name_(name), origins_(origins), problems_(problems), texts_(texts) {}

  void Load(const YamlNode& node, const std::string& path, Message* message) {
    std::map<std::string, int> first_lines;
    for (size_t i = 0; i < node.keys.size(); ++i) {
      const YamlNode& key = node.keys[i];
      const YamlNode& value = node.items[i];
      const auto key_path = EnterKey(key, path, &first_lines);
      if (!key_path.empty()) LoadField(value, key.text, path, key_path, message);
    }
  }

  // False, and a problem, when the node is not of this kind or holds what is not taken.
  bool Expect(const YamlNode& node, Kind kind, const std::string& path, const char* wanted) {
    if (!node.refused.empty()) {
      problems_->Add(path, node.refused);
    } else if (node.kind == Kind::kNull) {
      problems_->Add(path, "has no value");
    } else if (node.kind != kind) {
      problems_->Add(path, std::string("must be ") + wanted + ", is " + std::string(Describe(node)));
    } else {
      return true;
    }
    return false;
  }

 private:
  void SetOrigin(const std::string& path, int line) {
    origins_->Set(path, name_ + ":" + std::to_string(line));
  }

  // The path of a key, its origin recorded; empty, and a problem, when the key cannot be one.
  std::string EnterKey(const YamlNode& key, const std::string& path,
                       std::map<std::string, int>* first_lines) {
    const std::string prefix = path.empty() ? "" : path + ".";
    if (key.kind != Kind::kScalar || !key.refused.empty()) {
      problems_->Add(path, "line " + std::to_string(key.line) + ": a key must be a text" +
                               (key.refused.empty() ? "" : "; " + key.refused));
      return "";
    }
    const std::string shown = Quote(key.text);
    const std::string key_path = prefix + shown.substr(1, shown.size() - 2);
    const auto [first, is_new] = first_lines->emplace(key.text, key.line);
    if (!is_new) {
      SetOrigin(key_path, key.line);
      problems_->Add(key_path, "is given twice, first in line " + std::to_string(first->second));
      return "";
    }
    SetOrigin(key_path, key.line);
    return key_path;
  }

  void LoadField(const YamlNode& value, const std::string& key, const std::string& parent_path,
                 const std::string& path, Message* message) {
    const Descriptor& type = *message->GetDescriptor();
    const FieldDescriptor* field = FindKey(type, key);
    if (field == nullptr) {
      problems_->Add(path, "is not a known key; known here: " + KnownKeys(type));
      return;
    }
    if (field->options().GetExtension(v1::not_built)) {
      problems_->Add(path, "is not built yet in this version");
      return;
    }
    const auto* oneof = field->real_containing_oneof();
    if (oneof != nullptr) {
      const FieldDescriptor* other = message->GetReflection()->GetOneofFieldDescriptor(*message, oneof);
      if (other != nullptr) {
        problems_->Add(path, "cannot be given together with " +
                                 (parent_path.empty() ? "" : parent_path + ".") + other->name());
        return;
      }
    }
    if (field->is_map()) {
      LoadMap(value, path, *field, message);
    } else if (field->is_repeated()) {
      LoadList(value, path, *field, message);
    } else {
      LoadValue(value, path, *field, message);
    }
  }

  // A map of texts: the only kind in the schema.
  void LoadMap(const YamlNode& node, const std::string& path, const FieldDescriptor& field,
               Message* message) {
    if (!Expect(node, Kind::kMap, path, "a map")) return;
    std::map<std::string, int> first_lines;
    for (size_t i = 0; i < node.keys.size(); ++i) {
      const YamlNode& key = node.keys[i];
      const YamlNode& value = node.items[i];
      const std::string key_path = EnterKey(key, path, &first_lines);
      if (key_path.empty()) continue;
      std::string text;
      if (!ReadText(value, key_path, &text)) continue;
      Message* entry = message->GetReflection()->AddMessage(message, &field);
      entry->GetReflection()->SetString(entry, field.message_type()->map_key(), key.text);
      entry->GetReflection()->SetString(entry, field.message_type()->map_value(), text);
    }
  }

  void LoadList(const YamlNode& node, const std::string& path, const FieldDescriptor& field,
                Message* message) {
    if (!Expect(node, Kind::kList, path, "a list")) return;
    if (node.items.empty()) problems_->Add(path, "is an empty list; leave the key out for its default");
    for (size_t i = 0; i < node.items.size(); ++i) {
      const std::string item_path = path + "[" + std::to_string(i) + "]";
      SetOrigin(item_path, node.items[i].line);
      LoadValue(node.items[i], item_path, field, message);
    }
  }

  // Sets the field, or adds to it when it is repeated.
  void LoadValue(const YamlNode& node, const std::string& path, const FieldDescriptor& field,
                 Message* message) {
    const Reflection& reflection = *message->GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        if (field.message_type() == google::protobuf::Duration::descriptor()) {
          LoadDuration(node, path, field, message);
        } else if (field.message_type() == google::protobuf::Timestamp::descriptor()) {
          LoadTime(node, path, field, message);
        } else if (Expect(node, Kind::kMap, path, "a map")) {
          Load(node, path,
               field.is_repeated() ? reflection.AddMessage(message, &field)
                                   : reflection.MutableMessage(message, &field));
        }
        return;
      }
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string text;
        if (!ReadText(node, path, &text)) return;
        // An empty text would be taken for an absent key.
        if (text.empty() && field.real_containing_oneof() == nullptr) {
          problems_->Add(path, "is empty; leave the key out for its default");
        } else if (field.is_repeated()) {
          reflection.AddString(message, &field, text);
        } else {
          reflection.SetString(message, &field, text);
        }
        return;
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        if (!Expect(node, Kind::kScalar, path, "true or false")) return;
        if (!node.plain || (node.text != "true" && node.text != "false")) {
          problems_->Add(path, "must be true or false, is " + Quote(node.text));
          return;
        }
        reflection.SetBool(message, &field, node.text == "true");
        return;
      case FieldDescriptor::CPPTYPE_ENUM: {
        if (!Expect(node, Kind::kScalar, path, "a single value")) return;
        const EnumValueDescriptor* value = FindEnumValue(*field.enum_type(), node.text);
        if (value == nullptr) {
          problems_->Add(path,
                         "must be one of " + EnumNames(*field.enum_type()) + ", is " + Quote(node.text));
          return;
        }
        if (field.is_repeated()) {
          reflection.AddEnum(message, &field, value);
        } else {
          reflection.SetEnum(message, &field, value);
        }
        return;
      }
      case FieldDescriptor::CPPTYPE_INT32: {
        int64_t number = 0;
        if (ReadNumber<int32_t>(node, path, &number)) {
          reflection.SetInt32(message, &field, static_cast<int32_t>(number));
        }
        return;
      }
      case FieldDescriptor::CPPTYPE_UINT32: {
        int64_t number = 0;
        if (ReadNumber<uint32_t>(node, path, &number)) {
          reflection.SetUInt32(message, &field, static_cast<uint32_t>(number));
        }
        return;
      }
      default:
        problems_->Add(path,
                       std::string("has the type ") + field.cpp_type_name() + ", which YAML cannot give");
    }
  }

  void LoadDuration(const YamlNode& node, const std::string& path, const FieldDescriptor& field,
                    Message* message) {
    if (!Expect(node, Kind::kScalar, path, "a duration")) return;
    const auto duration = ParseDuration(node.text);
    if (!duration) {
      problems_->Add(path, "must be a duration such as 180s, 1.5s or 500ms, is " + Quote(node.text));
      return;
    }
    message->GetReflection()->MutableMessage(message, &field)->CopyFrom(*duration);
  }

  void LoadTime(const YamlNode& node, const std::string& path, const FieldDescriptor& field,
                Message* message) {
    if (!Expect(node, Kind::kScalar, path, "a time")) return;
    google::protobuf::Timestamp time;
    if (!google::protobuf::util::TimeUtil::FromString(node.text, &time)) {
      problems_->Add(path, "must be a time such as 2024-05-17T12:00:00Z, is " + Quote(node.text));
      return;
    }
    message->GetReflection()->MutableMessage(message, &field)->CopyFrom(time);
  }

  bool HasRefusedControl(std::string text) const {
    if (texts_ == Texts::kLineBreaks) std::erase(text, '\n');
    return base::HasControl(text);
  }

  bool ReadText(const YamlNode& node, const std::string& path, std::string* text) {
    if (!Expect(node, Kind::kScalar, path, "a text")) return false;
    if (node.text.size() > kMaxText) {
      problems_->Add(path, "is longer than " + std::to_string(kMaxText) + " bytes");
    } else if (HasRefusedControl(node.text) || !base::IsUtf8(node.text)) {
      problems_->Add(path, "has a control character or is not UTF-8");
    } else {
      *text = node.text;
      return true;
    }
    return false;
  }

  // A decimal number without leading zeros: what other readers of YAML take for octal, hexadecimal,
  // sexagesimal or floating is refused.
  template <typename T>
  bool ReadNumber(const YamlNode& node, const std::string& path, int64_t* number) {
    if (!Expect(node, Kind::kScalar, path, "a whole number")) return false;
    const std::string& text = node.text;
    const bool negative = !text.empty() && text.front() == '-';
    const std::string_view digits = std::string_view(text).substr(negative ? 1 : 0);
    const bool is_decimal = !digits.empty() &&
                            digits.find_first_not_of("0123456789") == std::string_view::npos &&
                            (digits.size() == 1 || digits.front() != '0');
    if (!node.plain || !is_decimal) {
      problems_->Add(path, "must be a whole number, is " + Quote(text));
      return false;
    }
    const auto result = std::from_chars(text.data(), text.data() + text.size(), *number);
    constexpr int64_t kMin = std::numeric_limits<T>::min();
    constexpr int64_t kMax = std::numeric_limits<T>::max();
    if (result.ec != std::errc() || *number < kMin || *number > kMax) {
      problems_->Add(
          path, "must be " + std::to_string(kMin) + " to " + std::to_string(kMax) + ", is " + Quote(text));
      return false;
    }
    return true;
  }

  const std::string& name_;
  Origins* const origins_;
  Problems* const problems_;
  const Texts texts_;
};

}  // namespace

void FromYaml(const YamlNode& node, const std::string& name, Message* message, Origins* origins,
              Problems* problems, Texts texts) {
  origins->Set("", name + ":" + std::to_string(node.line));
  if (node.kind == Kind::kNull && node.refused.empty()) return;
  Loader loader(name, origins, problems, texts);
  if (loader.Expect(node, Kind::kMap, "", "a map of keys")) loader.Load(node, "", message);
}

}  // namespace adieu::config
