#include "client/cli/wrap.h"

#include <cstdint>
#include <utility>

#include "client/cli/escape.h"

namespace adieu::cli {
namespace {

void WrapLine(std::string_view text, size_t width, std::vector<std::string>& lines) {
  std::string line;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string word = Escape(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && Width(line) + 1 + Width(word) > width) lines.push_back(std::exchange(line, ""));
    if (!line.empty()) line += ' ';
    line += word;
  }
  lines.push_back(std::move(line));
}

}  // namespace

std::vector<std::string> Wrap(std::string_view text, size_t width) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    WrapLine(text.substr(0, end), width, lines);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string Cut(std::string_view text, size_t width) {
  const std::string line = Escape(text.substr(0, text.find('\n')));
  const bool whole = text.find('\n') == std::string_view::npos;
  if (Width(line) <= width && whole) return line;
  std::string cut;
  size_t shown = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const bool begins = (static_cast<uint8_t>(line[i]) & 0xc0) != 0x80;
    if (begins && ++shown > width - 3) break;
    cut += line[i];
  }
  while (!cut.empty() && cut.back() == ' ') cut.pop_back();
  return cut + "...";
}

}  // namespace adieu::cli
