#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace adieu::base {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

enum class LogFormat { kJson, kText };

// A text, a number or a truth of a log line. Does not own its text: lives as long as the call that logs it.
class LogValue {
 public:
  LogValue(const char* text) : value_(std::string_view(text)) {}  // NOLINT(google-explicit-constructor)
  LogValue(const std::string& text)
      : value_(std::string_view(text)) {}            // NOLINT(google-explicit-constructor)
  LogValue(std::string_view text) : value_(text) {}  // NOLINT(google-explicit-constructor)
  LogValue(bool truth) : value_(truth) {}            // NOLINT(google-explicit-constructor)
  LogValue(double number) : value_(number) {}        // NOLINT(google-explicit-constructor)
  template <std::signed_integral T>
  LogValue(T number) : value_(static_cast<int64_t>(number)) {}  // NOLINT(google-explicit-constructor)
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) LogValue(T number)
      : value_(static_cast<uint64_t>(number)) {}  // NOLINT(google-explicit-constructor)

  using Variant = std::variant<std::string_view, bool, int64_t, uint64_t, double>;
  const Variant& value() const { return value_; }

 private:
  Variant value_;
};

struct LogField {
  // snake_case, written in the code, never from input.
  std::string_view key;
  LogValue value;
};

// No text of a line is longer; longer ones end in `...`. Bytes.
inline constexpr size_t kMaxLogText = 512;
// No line is longer (the newline not counted): fields that do not fit are left out and `truncated` says so.
// Bytes.
inline constexpr size_t kMaxLogLine = 8192;

// One line without its newline. JSON: `{"time":..., "level":..., "event":..., fields...}`, strict RFC 8259; a
// NaN or infinite number becomes null. Text: `TIME LEVEL EVENT key=value...`, values quoted where they must
// be. Control characters are escaped and bytes that are not UTF-8 become U+FFFD, so a line is always one
// line. Pure.
std::string FormatLogLine(LogFormat format, std::chrono::system_clock::time_point time, LogLevel level,
                          std::string_view event, std::initializer_list<LogField> fields);

}  // namespace adieu::base
