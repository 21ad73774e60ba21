#include "server/engine/order.h"

#include <algorithm>
#include <utility>

#include "server/base/clock.h"

namespace adieu::engine {

Order::Order(v1::Termination termination, const v1::Call& call) : termination_(std::move(termination)) {
  const auto expect = [this](v1::LegSide side, const v1::Leg& leg) {
    if (leg.state() != v1::CALL_STATE_TERMINATED) expected_.push_back(side);
  };
  expect(v1::LEG_SIDE_CALLER, call.caller());
  if (call.has_callee()) expect(v1::LEG_SIDE_CALLEE, call.callee());
  if (expected_.empty()) expected_.push_back(v1::LEG_SIDE_CALLER);
}

v1::LegEnding* Order::Find(v1::LegSide side) {
  for (v1::LegEnding& leg : *termination_.mutable_legs()) {
    if (leg.side() == side) return &leg;
  }
  return nullptr;
}

Order::Step Order::Report(const v1::LegEnding& leg) {
  Step step;
  v1::LegEnding* known = Find(leg.side());
  if (known == nullptr) {
    known = termination_.add_legs();
  } else if (known->has_end_time()) {
    return step;
  }
  *known = leg;
  step.leg_ended = leg.has_end_time();
  step.first_sent = leg.has_send_time() && !std::exchange(sent_, true);
  step.settled = !settled_ && AllEnded();
  settled_ = settled_ || step.settled;
  return step;
}

std::vector<v1::LegEnding> Order::Abandon(std::chrono::system_clock::time_point now) {
  std::vector<v1::LegEnding> abandoned;
  for (v1::LegSide side : expected_) {
    v1::LegEnding* leg = Find(side);
    if (leg == nullptr) {
      leg = termination_.add_legs();
      leg->set_side(side);
      leg->set_action(v1::LEG_ACTION_NONE);
    }
    if (leg->has_end_time()) continue;
    leg->set_outcome(v1::LEG_OUTCOME_FAILED);
    *leg->mutable_end_time() = base::ToTimestamp(now);
    abandoned.push_back(*leg);
  }
  settled_ = true;
  return abandoned;
}

bool Order::AllReported() const {
  return std::all_of(expected_.begin(), expected_.end(), [this](v1::LegSide side) {
    return std::any_of(termination_.legs().begin(), termination_.legs().end(), [side](const auto& leg) {
      return leg.side() == side && leg.outcome() != v1::LEG_OUTCOME_UNSPECIFIED;
    });
  });
}

bool Order::AllEnded() const {
  // An agent that does not know the call names no side.
  return std::any_of(
             termination_.legs().begin(), termination_.legs().end(),
             [](const auto& leg) { return leg.side() == v1::LEG_SIDE_UNSPECIFIED && leg.has_end_time(); }) ||
         (AllReported() && std::all_of(termination_.legs().begin(), termination_.legs().end(),
                                       [](const auto& leg) { return leg.has_end_time(); }));
}

std::vector<TerminateDone> Order::TakeReady() {
  std::vector<TerminateDone> ready;
  if (!committed_) return ready;
  const bool sent = reported();
  std::erase_if(waiters_, [&](Waiter& waiter) {
    if (!settled_ && !(sent && waiter.wait != v1::WAIT_ENDED)) return false;
    ready.push_back(std::move(waiter.done));
    return true;
  });
  return ready;
}

}  // namespace adieu::engine
