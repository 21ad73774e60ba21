#include "server/sip/invite_gate.h"

#include <algorithm>
#include <array>

#include "server/base/address.h"

namespace adieu::sip {
namespace {

// About a hundred messages: some 20 ms of work.
constexpr size_t kLongQueue = 256 << 10;

// T1 (RFC 3261 17.1.1.1): whoever waits longer sends again, which makes more work of the same calls.
constexpr std::chrono::milliseconds kPatience{500};

// What counts as one source.
std::string SourceOf(const std::string& address) {
  const auto parts = base::ParseHostPort(address);
  if (!parts) return address;
  const auto ip = base::ParseIp(parts->host);
  if (!ip || ip->version == 4) return parts->host;
  return base::Network{.address = *ip, .prefix_length = 64}.Canonical().ToString();
}

}  // namespace

InviteGate::InviteGate(Limits limits, Clock::time_point now) : limits_(limits) {
  if (limits_.per_second > 0) all_.emplace(limits_.per_second, now);
}

std::optional<metrics::RejectReason> InviteGate::Refuses(const std::string& source, size_t queued,
                                                         Clock::time_point now) {
  if (IsOverloaded(queued, now)) return metrics::RejectReason::kOverload;
  // The source first: one that sends too much takes nothing from the others.
  if (limits_.per_source_per_second > 0 && !SourceHasToken(SourceOf(source), now)) {
    return metrics::RejectReason::kSourceRate;
  }
  if (all_ && !all_->Take(now)) return metrics::RejectReason::kRate;
  return std::nullopt;
}

bool InviteGate::IsOverloaded(size_t queued, Clock::time_point now) {
  if (queued < kLongQueue) {
    long_since_.reset();
    return false;
  }
  if (!long_since_) long_since_ = now;
  return now - *long_since_ >= kPatience;
}

bool InviteGate::SourceHasToken(const std::string& source, Clock::time_point now) {
  const auto found = sources_.find(source);
  if (found != sources_.end()) {
    latest_.splice(latest_.begin(), latest_, found->second.place);
    return found->second.bucket.Take(now);
  }
  if (sources_.size() == kSources) {
    sources_.erase(latest_.back());
    latest_.pop_back();
  }
  latest_.push_front(source);
  Source added{.bucket = {static_cast<double>(limits_.per_source_per_second), now}, .place = latest_.begin()};
  return sources_.emplace(source, added).first->second.bucket.Take(now);
}

}  // namespace adieu::sip
