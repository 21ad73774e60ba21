#pragma once

#include <string>
#include <string_view>

namespace adieu::cli {

// The same document as YAML 1.2 in block style, ending with a newline. Texts that YAML could read as
// something else stay quoted as they are in JSON, their escapes too; texts of several lines stand as such.
// `json` must be valid JSON.
std::string JsonToYaml(std::string_view json);

}  // namespace adieu::cli
