#include "server/access/client_rates.h"

#include <algorithm>

namespace adieu::access {
namespace {

constexpr size_t kMaxClients = 10'000;
// How long a burst takes to come back.
constexpr std::chrono::seconds kBurst{1};
// Not the name of any client.
constexpr char kOthers[] = "";

}  // namespace

ClientRates::ClientRates(uint32_t per_second)
    : interval_(per_second == 0 ? Clock::duration::zero() : Clock::duration(kBurst) / per_second) {}

std::optional<std::chrono::milliseconds> ClientRates::Take(const std::string& client, Clock::time_point now) {
  if (interval_ == Clock::duration::zero()) return std::nullopt;
  std::lock_guard lock(mutex_);
  Clock::time_point& full_at = FullAt(client, now);
  const Clock::time_point next = std::max(full_at, now) + interval_;
  const auto wait = WaitUntil(next, now);
  if (!wait) full_at = next;
  return wait;
}

std::optional<std::chrono::milliseconds> ClientRates::Wait(const std::string& client, Clock::time_point now) {
  if (interval_ == Clock::duration::zero()) return std::nullopt;
  std::lock_guard lock(mutex_);
  const auto bucket = full_at_.find(client);
  if (bucket == full_at_.end() && full_at_.size() < kMaxClients) return std::nullopt;
  return WaitUntil(std::max(FullAt(client, now), now) + interval_, now);
}

ClientRates::Clock::time_point& ClientRates::FullAt(const std::string& client, Clock::time_point now) {
  if (full_at_.size() >= kMaxClients) ForgetIdle(now);
  const bool known = full_at_.size() < kMaxClients || full_at_.contains(client);
  return full_at_[known ? client : kOthers];
}

std::optional<std::chrono::milliseconds> ClientRates::WaitUntil(Clock::time_point next,
                                                                Clock::time_point now) const {
  if (next - now <= Clock::duration(kBurst)) return std::nullopt;
  return std::chrono::ceil<std::chrono::milliseconds>(next - now - Clock::duration(kBurst));
}

void ClientRates::ForgetIdle(Clock::time_point now) {
  // Looking through all of them for each new client would cost more than it brings.
  if (now - forgotten_at_ < Clock::duration(kBurst)) return;
  forgotten_at_ = now;
  std::erase_if(full_at_, [&](const auto& client) { return client.second <= now; });
}

}  // namespace adieu::access
