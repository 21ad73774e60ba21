#include "server/sip/recent_refusals.h"

namespace adieu::sip {

void RecentRefusals::Add(const std::string& key, metrics::RejectReason reason, Clock::time_point now) {
  ForgetOld(now);
  const auto [added, is_new] = reasons_.emplace(key, reason);
  if (is_new) order_.push_back({now, &added->first});
}

std::optional<metrics::RejectReason> RecentRefusals::Find(const std::string& key, Clock::time_point now) {
  ForgetOld(now);
  const auto found = reasons_.find(key);
  return found == reasons_.end() ? std::nullopt : std::optional(found->second);
}

void RecentRefusals::ForgetOld(Clock::time_point now) {
  while (!order_.empty() && (order_.size() >= kMax || order_.front().time + kKept <= now)) {
    reasons_.erase(reasons_.find(*order_.front().key));
    order_.pop_front();
  }
}

}  // namespace adieu::sip
