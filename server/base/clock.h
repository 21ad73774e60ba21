#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <chrono>
#include <string>

namespace adieu::base {

// Between the protobuf and the C++ forms of time. Pure. What the C++ form cannot hold (years outside
// 1678-2261, spans over 292 years) becomes its nearest value.

google::protobuf::Timestamp ToTimestamp(std::chrono::system_clock::time_point time);
std::chrono::system_clock::time_point FromTimestamp(const google::protobuf::Timestamp& timestamp);

google::protobuf::Duration ToDuration(std::chrono::nanoseconds duration);
std::chrono::nanoseconds FromDuration(const google::protobuf::Duration& duration);

// RFC 3339 in UTC with microseconds: `2026-11-26T17:21:24.123456Z`.
std::string FormatTime(std::chrono::system_clock::time_point time);

}  // namespace adieu::base
