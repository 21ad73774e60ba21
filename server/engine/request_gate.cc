#include "server/engine/request_gate.h"

#include <utility>

namespace adieu::engine {

RequestGate::Entry RequestGate::Enter(const std::string& key, const std::string& fingerprint,
                                      Waiter* waiter) {
  std::lock_guard lock(mutex_);
  const auto [it, is_new] = deciding_.try_emplace(key);
  Deciding& deciding = it->second;
  if (is_new) {
    deciding.fingerprint = fingerprint;
    return Entry::kFirst;
  }
  if (deciding.fingerprint != fingerprint) return Entry::kOther;
  deciding.joined.push_back(std::move(*waiter));
  return Entry::kJoined;
}

std::vector<Waiter> RequestGate::Leave(const std::string& key) {
  std::lock_guard lock(mutex_);
  return std::move(deciding_.extract(key).mapped().joined);
}

}  // namespace adieu::engine
