#include "server/policy/reason_header.h"

#include <algorithm>

#include "server/policy/ascii.h"
#include "server/policy/text_check.h"

namespace adieu::policy {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// Takes what stands before the next `separator` outside of quotes off the front, and the separator with it. A
// quote that is never closed ends with the text.
std::string_view TakeUntil(std::string_view& text, char separator) {
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == separator) {
      const std::string_view taken = text.substr(0, i);
      text.remove_prefix(i + 1);
      return taken;
    }
  }
  const std::string_view taken = text;
  text = {};
  return taken;
}

int CauseFrom(std::string_view digits) {
  constexpr size_t kMaxDigits = 3;
  if (digits.empty() || digits.size() > kMaxDigits || !std::all_of(digits.begin(), digits.end(), IsDigit)) {
    return 0;
  }
  int cause = 0;
  for (const char c : digits) cause = cause * 10 + (c - '0');
  return cause;
}

// The first `cause` among parameters that semicolons separate.
int CauseAmong(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view value = TakeUntil(parameters, ';');
    const std::string_view name = Trimmed(TakeUntil(value, '='));
    if (EqualIgnoringCase(name, "cause")) return CauseFrom(Trimmed(value));
  }
  return 0;
}

}  // namespace

std::vector<ReasonValue> ParseReasonHeader(std::string_view field) {
  std::vector<ReasonValue> values;
  while (!field.empty()) {
    std::string_view value = TakeUntil(field, ',');
    const std::string_view protocol = Trimmed(TakeUntil(value, ';'));
    if (IsToken(protocol)) values.push_back({std::string(protocol), CauseAmong(value)});
  }
  return values;
}

}  // namespace adieu::policy
