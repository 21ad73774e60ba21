#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "server/metrics/labels.h"

namespace adieu::sip {

// The INVITEs that were refused without a transaction: when one is sent again it must get the same answer.
// Bounded: the oldest is forgotten. Not synchronised.
class RecentRefusals {
 public:
  using Clock = std::chrono::steady_clock;
  // 64*T1: nobody sends an INVITE again after that (RFC 3261 17.1.1.2).
  static constexpr std::chrono::seconds kKept{32};
  static constexpr size_t kMax = 16'384;

  // `key`: dialog key and branch.
  void Add(const std::string& key, metrics::RejectReason reason, Clock::time_point now);
  // Nothing: it was not refused.
  std::optional<metrics::RejectReason> Find(const std::string& key, Clock::time_point now);

 private:
  struct Refusal {
    Clock::time_point time;
    const std::string* key;
  };

  void ForgetOld(Clock::time_point now);

  std::unordered_map<std::string, metrics::RejectReason> reasons_;
  // The oldest first.
  std::deque<Refusal> order_;
};

}  // namespace adieu::sip
