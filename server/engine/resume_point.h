#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace adieu::engine {

// From where a watch goes on: what a resume token says. Pure.
struct ResumePoint {
  // Of the process that gave the token.
  std::string boot_id;
  // The last change that the client knows.
  int64_t revision = 0;
  // When the client's first calls were matched: decides on min_age for calls that did not change since.
  std::chrono::system_clock::time_point as_of;
};

std::string EncodeResumeToken(const ResumePoint& point);

// No value: not a token of ours.
std::optional<ResumePoint> DecodeResumeToken(std::string_view token);

}  // namespace adieu::engine
