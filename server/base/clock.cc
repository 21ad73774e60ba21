#include "server/base/clock.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <limits>

namespace adieu::base {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::system_clock;

// Seconds and nanoseconds of the second; `nanos` is 0 to 999,999,999.
struct Split {
  int64_t seconds;
  int32_t nanos;
};

Split SplitFloor(nanoseconds time) {
  const auto whole = std::chrono::floor<seconds>(time);
  return {whole.count(), static_cast<int32_t>((time - whole).count())};
}

nanoseconds Join(int64_t whole, int32_t nanos) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max() / 1'000'000'000 - 3;
  if (whole > kMax) return nanoseconds::max();
  if (whole < -kMax) return nanoseconds::min();
  return seconds(whole) + nanoseconds(nanos);
}

}  // namespace

google::protobuf::Timestamp ToTimestamp(system_clock::time_point time) {
  const Split split = SplitFloor(time.time_since_epoch());
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(split.seconds);
  timestamp.set_nanos(split.nanos);
  return timestamp;
}

system_clock::time_point FromTimestamp(const google::protobuf::Timestamp& timestamp) {
  return system_clock::time_point(Join(timestamp.seconds(), timestamp.nanos()));
}

google::protobuf::Duration ToDuration(nanoseconds duration) {
  // Both parts have the same sign (google/protobuf/duration.proto).
  google::protobuf::Duration result;
  result.set_seconds(duration.count() / 1'000'000'000);
  result.set_nanos(static_cast<int32_t>(duration.count() % 1'000'000'000));
  return result;
}

nanoseconds FromDuration(const google::protobuf::Duration& duration) {
  return Join(duration.seconds(), duration.nanos());
}

std::string FormatTime(system_clock::time_point time) {
  const Split split = SplitFloor(time.time_since_epoch());
  const auto whole = static_cast<std::time_t>(split.seconds);
  std::tm utc = {};
  gmtime_r(&whole, &utc);
  std::array<char, 64> text = {};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", utc.tm_year + 1900,
                utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, split.nanos / 1000);
  return text.data();
}

}  // namespace adieu::base
