#include "server/config/duration.h"

#include <chrono>
#include <cstdint>

#include "server/base/clock.h"

namespace adieu::config {
namespace {

// So that no product below leaves 64 bits.
constexpr size_t kMaxDigits = 9;

// The digits at the front of `text`, taken off it. -1: none or too many.
int64_t TakeDigits(std::string_view* text, size_t* count) {
  int64_t number = 0;
  *count = 0;
  while (*count < text->size() && (*text)[*count] >= '0' && (*text)[*count] <= '9') {
    if (*count == kMaxDigits) return -1;
    number = number * 10 + ((*text)[(*count)++] - '0');
  }
  text->remove_prefix(*count);
  return *count == 0 ? -1 : number;
}

}  // namespace

std::optional<google::protobuf::Duration> ParseDuration(std::string_view text) {
  size_t digits = 0;
  const int64_t whole = TakeDigits(&text, &digits);
  if (whole < 0) return std::nullopt;
  int64_t fraction = 0;
  int64_t divisor = 1;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    fraction = TakeDigits(&text, &digits);
    if (fraction < 0) return std::nullopt;
    while (digits-- > 0) divisor *= 10;
  }
  const int64_t unit = text == "s" ? 1'000'000'000 : text == "ms" ? 1'000'000 : 0;
  if (unit == 0) return std::nullopt;
  return base::ToDuration(std::chrono::nanoseconds(whole * unit + fraction * unit / divisor));
}

std::string FormatDuration(const google::protobuf::Duration& duration) {
  std::string text = std::to_string(duration.seconds());
  if (duration.nanos() != 0) {
    std::string nanos = std::to_string(1'000'000'000 + duration.nanos()).substr(1);
    nanos.erase(nanos.find_last_not_of('0') + 1);
    text += "." + nanos;
  }
  return text + "s";
}

}  // namespace adieu::config
