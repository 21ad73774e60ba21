#include "server/config/problems.h"

#include "server/base/utf8.h"

namespace adieu::config {
namespace {

constexpr size_t kMaxLines = 20;
constexpr size_t kMaxQuoted = 64;

}  // namespace

void Problems::Add(const std::string& path, const std::string& description) {
  if (++count_ > kMaxLines) return;
  std::string line = origins_.Find(path);
  if (!line.empty()) line += ": ";
  if (!path.empty()) line += path + ": ";
  lines_.push_back(line + description);
  violations_.push_back({path, description});
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
  std::string quoted = "`";
  for (const char c : base::CutUtf8(value, kMaxQuoted)) {
    const auto byte = static_cast<unsigned char>(c);
    quoted += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  if (value.size() > kMaxQuoted) quoted += "...";
  return quoted + "`";
}

}  // namespace adieu::config
