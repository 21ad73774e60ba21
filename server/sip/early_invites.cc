#include "server/sip/early_invites.h"

#include <utility>

namespace adieu::sip {

void EarlyInvites::Add(const std::string& key, Invite invite) {
  const auto [entry, is_new] = invites_.try_emplace(key);
  if (!is_new) return;
  entry->second.invite = std::move(invite);
  entry->second.place = order_.insert(order_.end(), &entry->first);
  if (invites_.size() > kMax) Take(*order_.front());
}

EarlyInvites::Invite* EarlyInvites::Find(const std::string& key) {
  const auto found = invites_.find(key);
  return found == invites_.end() ? nullptr : &found->second.invite;
}

std::optional<EarlyInvites::Invite> EarlyInvites::Take(const std::string& key) {
  const auto found = invites_.find(key);
  if (found == invites_.end()) return std::nullopt;
  std::optional<Invite> taken = std::move(found->second.invite);
  order_.erase(found->second.place);
  invites_.erase(found);
  return taken;
}

}  // namespace adieu::sip
