#pragma once

#include <CLI/Error.hpp>
#include <string>

#include "client/cli/enums.h"
#include "client/cli/message_file.h"

namespace adieu::cli {

// Values of options, or the CLI::ValidationError that Run() turns into exit 2.

// UNSPECIFIED is refused: leave the option out.
template <typename Enum>
Enum EnumFlag(const std::string& option, const std::string& text) {
  const auto& type = *google::protobuf::GetEnumDescriptor<Enum>();
  const auto* value = FindEnumValue(type, text);
  if (value == nullptr || value->number() == 0) {
    throw CLI::ValidationError(option, "\"" + text + "\" is not one of " + EnumChoices(type));
  }
  return static_cast<Enum>(value->number());
}

inline void FileFlag(const std::string& option, const std::string& path, google::protobuf::Message& message) {
  if (const auto wrong = ReadMessageFile(path, message)) throw CLI::ValidationError(option, *wrong);
}

}  // namespace adieu::cli
