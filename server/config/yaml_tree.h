#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/error.h"

namespace adieu::config {

// No file may be larger. Bytes.
inline constexpr size_t kMaxYamlBytes = 1 << 20;

// One YAML document as plain values: texts stay as they are written, nothing is guessed from their looks.
struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  // Where it stands, from 1.
  int line = 1;
  // kScalar: without quotes, escapes resolved.
  std::string text;
  // kScalar: it stood without quotes.
  bool plain = true;
  // kMap: in the order of the file, as many as `items`; a key may be there twice.
  std::vector<YamlNode> keys;
  // kList: its items. kMap: the value of each key.
  std::vector<YamlNode> items;
  // A part of YAML that is not taken here (anchors, aliases, tags): one clause. Empty: none.
  std::string refused;
};

// Parses the one document of `text`; nothing or comments only give kNull. INVALID_ARGUMENT (CONFIG_INVALID)
// with `name:line: ...` when it is too large, not UTF-8, not YAML, nested more than 500 deep or more than one
// document. Pure.
base::Result<YamlNode> ParseYaml(std::string_view text, const std::string& name);

}  // namespace adieu::config
