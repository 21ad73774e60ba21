#include "client/cli/style.h"

namespace adieu::cli {
namespace {

// ANSI SGR sequences (ECMA-48 8.3.117).
const char* Start(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kHeading:
      return "\x1b[1m";
    case Style::kGood:
      return "\x1b[32m";
    case Style::kBusy:
      return "\x1b[33m";
    case Style::kBad:
      return "\x1b[31m";
    case Style::kFaint:
      return "\x1b[2m";
  }
  return "";
}

}  // namespace

std::string Paint(const std::string& text, Style style, bool colour) {
  if (!colour || style == Style::kPlain || text.empty()) return text;
  return Start(style) + text + "\x1b[0m";
}

}  // namespace adieu::cli
