#include "server/config/problems.h"

#include <algorithm>

#include "server/base/utf8.h"

namespace adieu::config {
namespace {

constexpr size_t kMaxLines = 20;
constexpr size_t kMaxQuoted = 64;
constexpr size_t kMaxPath = 512;

// What is no text becomes `?`.
std::string OnOneLine(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const size_t length = base::Utf8Length(text);
    const std::string_view character = text.substr(0, std::max<size_t>(1, length));
    line += length == 0 || base::HasControl(character) ? "?" : character;
    text.remove_prefix(character.size());
  }
  return line;
}

}  // namespace

void Problems::Add(const std::string& path, const std::string& description) {
  if (++count_ > kMaxLines) return;
  std::string line = origins_.Find(path);
  if (!line.empty()) line += ": ";
  // It can have a key of the file in it.
  const std::string shown = OnOneLine(base::CutUtf8(path, kMaxPath));
  if (!shown.empty()) line += shown + ": ";
  lines_.push_back(line + description);
  violations_.push_back({shown, description});
}

base::Error Problems::ToError() const {
  std::string message;
  for (const std::string& line : lines_) {
    if (!message.empty()) message += '\n';
    message += line;
  }
  if (count_ > kMaxLines) message += "\nand " + std::to_string(count_ - kMaxLines) + " more";
  return base::Error{.code = absl::StatusCode::kInvalidArgument,
                     .reason = "CONFIG_INVALID",
                     .message = message,
                     .violations = violations_};
}

std::string Quote(std::string_view value) {
  std::string quoted = "`" + OnOneLine(base::CutUtf8(value, kMaxQuoted));
  if (value.size() > kMaxQuoted) quoted += "...";
  return quoted + "`";
}

}  // namespace adieu::config
