#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <utility>

#include "server/sip/dns_answer.h"

namespace adieu::sip {

// What DNS said, as long as it holds: 1 s to 5 min by its TTL, 5 s for a failure. Bounded: a new one pushes
// out the one that would go first. One thread.
class DnsCache {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr size_t kMaxNames = 4096;

  explicit DnsCache(size_t max_names = kMaxNames) : max_names_(max_names) {}

  // Null: not known at `now`. Good until the next Put.
  const DnsAnswer* Find(const DnsQuestion& question, Clock::time_point now) const;
  void Put(const DnsQuestion& question, DnsAnswer answer, Clock::time_point now);
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    DnsAnswer answer;
    Clock::time_point until;
  };

  void Remove(const DnsQuestion& question);

  const size_t max_names_;
  std::map<DnsQuestion, Entry> entries_;
  std::set<std::pair<Clock::time_point, DnsQuestion>> by_end_;
};

}  // namespace adieu::sip
