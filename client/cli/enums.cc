#include "client/cli/enums.h"

#include <algorithm>
#include <cctype>

namespace adieu::cli {
namespace {

constexpr std::string_view kZero = "UNSPECIFIED";

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper;
}

// `INTENT_`: the zero value's name is always PREFIX_UNSPECIFIED.
std::string Prefix(const google::protobuf::EnumDescriptor& type) {
  const std::string& zero = type.value(0)->name();
  return zero.substr(0, zero.size() - std::min(zero.size(), kZero.size()));
}

}  // namespace

const google::protobuf::EnumValueDescriptor* FindEnumValue(const google::protobuf::EnumDescriptor& type,
                                                           std::string_view text) {
  const std::string name = Upper(text);
  const auto* whole = type.FindValueByName(name);
  return whole != nullptr ? whole : type.FindValueByName(Prefix(type) + name);
}

std::string ShortEnumName(const google::protobuf::EnumDescriptor& type, int number) {
  const auto* value = type.FindValueByNumber(number);
  if (value == nullptr) return std::to_string(number);
  if (number == 0) return "";
  return value->name().substr(Prefix(type).size());
}

std::string EnumChoices(const google::protobuf::EnumDescriptor& type) {
  std::string choices;
  for (int i = 1; i < type.value_count(); ++i) {
    if (!choices.empty()) choices += ", ";
    for (const char c : ShortEnumName(type, type.value(i)->number())) {
      choices += c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return choices;
}

}  // namespace adieu::cli
