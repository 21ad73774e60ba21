#include "server/engine/sweep_search.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace adieu::engine {
namespace {

bool CanBeEnded(v1::CallState state) {
  return state == v1::CALL_STATE_RINGING || state == v1::CALL_STATE_ANSWERED;
}

}  // namespace

SweepSearch::SweepSearch(const CallRegistry& registry, policy::Matcher matcher)
    : registry_(registry), matcher_(std::move(matcher)), now_(registry.Now()) {
  for (LiveCall& call : registry.Live()) {
    if (!call.claimed && CanBeEnded(call.state)) candidates_.push_back(std::move(call.name));
  }
}

bool SweepSearch::Look(size_t calls) {
  const size_t end = std::min(candidates_.size(), looked_ + calls);
  for (; looked_ < end; ++looked_) {
    const std::optional<v1::Call> call = registry_.Find(candidates_[looked_]);
    if (!call || !CanBeEnded(call->state()) || !call->termination().empty()) continue;
    if (matcher_.Matches(*call, now_)) found_.push_back(std::move(candidates_[looked_]));
  }
  return looked_ == candidates_.size();
}

}  // namespace adieu::engine
