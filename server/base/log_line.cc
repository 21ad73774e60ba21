#include "server/base/log_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "server/base/clock.h"
#include "server/base/utf8.h"

namespace adieu::base {
namespace {

constexpr std::string_view kLevels[] = {"debug", "info", "warn", "error"};

// Stands for itself in JSON and in quoted text.
bool IsVerbatim(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

void AppendEscaped(std::string_view text, std::string* out) {
  const bool cut = text.size() > kMaxLogText;
  text = CutUtf8(text, kMaxLogText);
  while (!text.empty()) {
    const auto plain =
        static_cast<size_t>(std::find_if_not(text.begin(), text.end(), IsVerbatim) - text.begin());
    *out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const size_t length = Utf8Length(text);
    const auto byte = static_cast<unsigned char>(text.front());
    if (length == 0) {
      *out += "\xef\xbf\xbd";
    } else if (byte < 0x20 || byte == 0x7f) {
      constexpr char kHex[] = "0123456789abcdef";
      *out += "\\u00";
      *out += kHex[byte >> 4];
      *out += kHex[byte & 15];
    } else {
      if (byte == '"' || byte == '\\') *out += '\\';
      *out += text.substr(0, length);
    }
    text.remove_prefix(std::max<size_t>(1, length));
  }
  if (cut) *out += "...";
}

void AppendQuoted(std::string_view text, std::string* out) {
  *out += '"';
  AppendEscaped(text, out);
  *out += '"';
}

// A text that a reader can tell from the next field without quotes.
bool IsPlain(std::string_view text) {
  return !text.empty() && text.size() <= kMaxLogText && std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '=';
  });
}

template <typename T>
void AppendNumber(T number, std::string* out) {
  std::array<char, 32> text = {};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  out->append(text.data(), end);
}

struct ValueWriter {
  LogFormat format;
  std::string* out;

  void operator()(std::string_view text) const {
    if (format == LogFormat::kText && IsPlain(text)) {
      *out += text;
    } else {
      AppendQuoted(text, out);
    }
  }
  void operator()(bool truth) const { *out += truth ? "true" : "false"; }
  void operator()(int64_t number) const { AppendNumber(number, out); }
  void operator()(uint64_t number) const { AppendNumber(number, out); }
  void operator()(double number) const {
    if (std::isfinite(number)) {
      AppendNumber(number, out);
    } else {
      *out += "null";
    }
  }
};

void AppendField(LogFormat format, const LogField& field, std::string* out) {
  if (format == LogFormat::kJson) {
    *out += ',';
    AppendQuoted(field.key, out);
    *out += ':';
  } else {
    *out += ' ';
    *out += field.key;
    *out += '=';
  }
  std::visit(ValueWriter{format, out}, field.value.value());
}

}  // namespace

std::string FormatLogLine(LogFormat format, std::chrono::system_clock::time_point time, LogLevel level,
                          std::string_view event, std::initializer_list<LogField> fields) {
  const bool json = format == LogFormat::kJson;
  const std::string_view level_name = kLevels[static_cast<size_t>(level)];
  std::string line;
  line.reserve(384);
  if (json) line += "{\"time\":\"";
  line += FormatTime(time);
  line += json ? "\",\"level\":\"" : " ";
  line += level_name;
  line += json ? "\",\"event\":\"" : " ";
  AppendEscaped(event, &line);
  if (json) line += '"';
  const std::string_view truncated = json ? ",\"truncated\":true" : " truncated=true";
  for (const LogField& field : fields) {
    const size_t before = line.size();
    AppendField(format, field, &line);
    if (line.size() + truncated.size() + 1 <= kMaxLogLine) continue;
    line.resize(before);
    line += truncated;
    break;
  }
  if (json) line += '}';
  return line;
}

}  // namespace adieu::base
