#include "server/sip/dns_cache.h"

#include <algorithm>

namespace adieu::sip {
namespace {

constexpr std::chrono::seconds kShortest{1};
constexpr std::chrono::seconds kLongest{300};
constexpr std::chrono::seconds kFailure{5};

std::chrono::seconds LifeOf(const DnsAnswer& answer) {
  return answer.services.empty() ? kFailure : std::clamp(answer.ttl, kShortest, kLongest);
}

}  // namespace

const DnsAnswer* DnsCache::Find(const DnsQuestion& question, Clock::time_point now) const {
  const auto found = entries_.find(question);
  return found != entries_.end() && now < found->second.until ? &found->second.answer : nullptr;
}

void DnsCache::Put(const DnsQuestion& question, DnsAnswer answer, Clock::time_point now) {
  Remove(question);
  if (entries_.size() >= max_names_) Remove(DnsQuestion(by_end_.begin()->second));
  const Clock::time_point until = now + LifeOf(answer);
  entries_.emplace(question, Entry{std::move(answer), until});
  by_end_.emplace(until, question);
}

void DnsCache::Remove(const DnsQuestion& question) {
  const auto found = entries_.find(question);
  if (found == entries_.end()) return;
  by_end_.erase({found->second.until, question});
  entries_.erase(found);
}

}  // namespace adieu::sip
