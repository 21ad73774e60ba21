#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>

#include "adieu/v1/termination.pb.h"

namespace adieu::store {

// Nanoseconds since 1970, held at the ends of the range (the years 1677 and 2262).
inline std::int64_t Nanoseconds(const google::protobuf::Timestamp& time) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  if (time.seconds() >= std::numeric_limits<std::int64_t>::max() / kSecond) {
    return std::numeric_limits<std::int64_t>::max();
  }
  if (time.seconds() <= std::numeric_limits<std::int64_t>::min() / kSecond) {
    return std::numeric_limits<std::int64_t>::min();
  }
  return time.seconds() * kSecond + time.nanos();
}

// Where a termination stands in a list: the greater, the newer.
struct Position {
  // Nanoseconds since 1970.
  std::int64_t request_time = 0;
  std::string name;

  auto operator<=>(const Position&) const = default;
};

inline Position PositionOf(const v1::Termination& termination) {
  return {Nanoseconds(termination.request_time()), termination.name()};
}

// Newer than every termination: no UTF-8 has the byte 0xff.
inline Position BeyondNewest() { return {std::numeric_limits<std::int64_t>::max(), "\xff"}; }

}  // namespace adieu::store
