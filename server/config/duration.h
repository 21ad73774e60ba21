#pragma once

#include <google/protobuf/duration.pb.h>

#include <optional>
#include <string>
#include <string_view>

namespace adieu::config {

// `180s`, `1.5s`, `500ms`: one to nine digits, at most nine more after a point, and a unit. Nothing for any
// other text.
std::optional<google::protobuf::Duration> ParseDuration(std::string_view text);

// The shortest text that ParseDuration reads as this duration: `180s`, `1.5s`.
std::string FormatDuration(const google::protobuf::Duration& duration);

}  // namespace adieu::config
