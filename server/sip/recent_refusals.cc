#include "server/sip/recent_refusals.h"

#include <utility>

namespace adieu::sip {

void RecentRefusals::Add(std::string key, Clock::time_point now) {
  ForgetOld(now);
  const auto [added, is_new] = keys_.insert(std::move(key));
  if (is_new) order_.push_back({now, &*added});
}

bool RecentRefusals::Has(const std::string& key, Clock::time_point now) {
  ForgetOld(now);
  return keys_.contains(key);
}

void RecentRefusals::ForgetOld(Clock::time_point now) {
  while (!order_.empty() && (order_.size() >= kMax || order_.front().time + kKept <= now)) {
    keys_.erase(keys_.find(*order_.front().key));
    order_.pop_front();
  }
}

}  // namespace adieu::sip
