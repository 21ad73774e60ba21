#include "server/config/problems.h"

#include "server/base/utf8.h"

namespace adieu::config {
namespace {

constexpr size_t kMaxLines = 20;
constexpr size_t kMaxQuoted = 64;
constexpr size_t kMaxPath = 512;

std::string OnOneLine(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = '?';
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
