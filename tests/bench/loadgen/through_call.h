#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace adieu::bench {

// The messages of a call that go from one end to the other. A BYE is answered by whatever is between them.
enum class Hop { kInvite, kRinging, kAnswer, kAck, kBye };
inline constexpr size_t kHops = 5;

// What is known of one call. Times are of Now(), 0 is never.
struct ThroughCall {
  std::array<int64_t, kHops> sent{};
  std::array<int64_t, kHops> came{};
  // The 200 to the BYE came.
  int64_t done = 0;
  // Messages that came again.
  int repeats = 0;
  // A response that was none of the expected ones came.
  bool refused = false;

  // Notes that a message left.
  void Sent(Hop hop, int64_t now) { sent[static_cast<size_t>(hop)] = now; }
  // Notes one that came. False: it came again.
  bool Came(Hop hop, int64_t now) {
    int64_t& time = came[static_cast<size_t>(hop)];
    if (time != 0) ++repeats;
    const bool first = time == 0;
    if (first) time = now;
    return first;
  }
  bool has(Hop hop) const { return came[static_cast<size_t>(hop)] != 0; }
};

}  // namespace adieu::bench
