#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <optional>
#include <string>
#include <string_view>

namespace adieu::cli {

// The value that a person means: the proto's name with or without the enum's prefix, in any case, `-` for `_`
// (`try-later`, `INTENT_TRY_LATER`). Nothing: no value has that name.
const google::protobuf::EnumValueDescriptor* FindEnumValue(const google::protobuf::EnumDescriptor& type,
                                                           std::string_view text);

// The name of a value without the enum's prefix: `TRY_LATER`. `UNSPECIFIED` is the empty text, a number that
// the proto does not name stays a number.
std::string ShortEnumName(const google::protobuf::EnumDescriptor& type, int number);

// What may be given, as a person would write it: `quiet, busy, declined, try-later`. UNSPECIFIED is left out.
std::string EnumChoices(const google::protobuf::EnumDescriptor& type);

template <typename Enum>
std::string ShortName(Enum value) {
  return ShortEnumName(*google::protobuf::GetEnumDescriptor<Enum>(), static_cast<int>(value));
}

}  // namespace adieu::cli
