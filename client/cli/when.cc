#include "client/cli/when.h"

#include <google/protobuf/util/time_util.h>

#include <charconv>
#include <cstdio>

namespace adieu::cli {

using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;

std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  using std::chrono::milliseconds;
  struct Unit {
    std::string_view name;
    int64_t milliseconds;
  };
  static constexpr Unit kUnits[] = {{"ms", 1},        {"s", 1000},        {"", 1000},
                                    {"m", 60 * 1000}, {"h", 3600 * 1000}, {"d", 24 * 3600 * 1000}};
  constexpr int64_t kMost = int64_t{3650} * 24 * 3600 * 1000;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
  for (const Unit& known : kUnits) {
    if (unit == known.name && number <= kMost / known.milliseconds)
      return milliseconds(number * known.milliseconds);
  }
  return std::nullopt;
}

std::optional<Timestamp> ParseTime(const std::string& text, std::chrono::system_clock::time_point now) {
  if (const auto ago = ParseDuration(text)) {
    const auto then = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()) - *ago;
    return TimeUtil::MillisecondsToTimestamp(then.count());
  }
  Timestamp time;
  if (!TimeUtil::FromString(text, &time)) return std::nullopt;
  return time;
}

std::string FormatTime(bool set, const Timestamp& time) {
  if (!set) return "";
  if (time.seconds() < TimeUtil::kTimestampMinSeconds || time.seconds() > TimeUtil::kTimestampMaxSeconds ||
      time.nanos() < 0 || time.nanos() >= 1'000'000'000) {
    return "not a time";
  }
  Timestamp whole = time;
  whole.set_nanos(0);
  std::string text = TimeUtil::ToString(whole);
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03d", time.nanos() / 1'000'000);
  return text.insert(text.size() - 1, fraction);
}

std::string FormatMilliseconds(const Timestamp& from, const Timestamp& to) {
  const double nanoseconds = static_cast<double>(to.seconds() - from.seconds()) * 1e9 +
                             static_cast<double>(to.nanos() - from.nanos());
  char text[40];
  std::snprintf(text, sizeof text, "%.1f", nanoseconds / 1e6);
  return text;
}

}  // namespace adieu::cli
