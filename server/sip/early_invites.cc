#include "server/sip/early_invites.h"

#include <utility>

namespace adieu::sip {

void EarlyInvites::Add(const std::string& key, Invite invite) {
  if (!invites_.try_emplace(key, std::move(invite)).second) return;
  order_.push_back(key);
  while (order_.size() > kMax) {
    invites_.erase(order_.front());
    order_.pop_front();
  }
}

EarlyInvites::Invite* EarlyInvites::Find(const std::string& key) {
  const auto found = invites_.find(key);
  return found == invites_.end() ? nullptr : &found->second;
}

std::optional<EarlyInvites::Invite> EarlyInvites::Take(const std::string& key) {
  auto taken = invites_.extract(key);
  if (taken.empty()) return std::nullopt;
  return std::move(taken.mapped());
}

}  // namespace adieu::sip
