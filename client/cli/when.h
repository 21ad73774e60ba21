#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace adieu::cli {

// `500ms`, `10s`, `5m`, `2h`, `1d`; a bare number is seconds. Whole numbers only, up to ten years. Nothing:
// not such a text.
std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text);

// RFC 3339 (`2025-03-01T12:00:00Z`), or a duration: so long before `now`.
std::optional<google::protobuf::Timestamp> ParseTime(const std::string& text,
                                                     std::chrono::system_clock::time_point now);

// RFC 3339 in UTC with milliseconds. Empty when the time is not set.
std::string FormatTime(bool set, const google::protobuf::Timestamp& time);

// From `from` to `to` in milliseconds, one decimal: `5012.3`.
std::string FormatMilliseconds(const google::protobuf::Timestamp& from,
                               const google::protobuf::Timestamp& to);

}  // namespace adieu::cli
