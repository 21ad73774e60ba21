#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "adieu/v1/call.pb.h"
#include "adieu/v1/call_control_service.pb.h"
#include "adieu/v1/termination.pb.h"
#include "server/base/error.h"

namespace adieu::engine {

// Told once, on a thread that is not an agent's, with no lock held. Must not block.
using TerminateDone = std::function<void(base::Result<v1::Termination>)>;

// One who waits for a termination.
struct Waiter {
  v1::Wait wait = v1::WAIT_SENT;
  TerminateDone done;
};

// One termination that is not settled yet, or not stored yet. Not thread-safe: the terminator guards it.
class Order {
 public:
  using Clock = std::chrono::steady_clock;

  // `call`: the call when it was claimed; its legs that are not TERMINATED are expected to be reported.
  Order(v1::Termination termination, const v1::Call& call);

  const v1::Termination& termination() const { return termination_; }

  // Takes a report over. What comes after a leg's end_time is ignored.
  struct Step {
    // This leg is final now and was not.
    bool leg_ended = false;
    // The first message of the order left.
    bool first_sent = false;
    // Every leg is final now and was not.
    bool settled = false;
  };
  Step Report(const v1::LegEnding& leg);
  // Ends every leg that has no end_time as FAILED.
  std::vector<v1::LegEnding> Abandon(std::chrono::system_clock::time_point now);

  // The store has it, or said that it cannot.
  void Commit() { committed_ = true; }
  bool settled() const { return settled_; }
  // Something is known of every leg.
  bool reported() const { return settled_ || AllReported(); }
  bool finished() const { return settled_ && committed_; }

  void Add(Waiter waiter) { waiters_.push_back(std::move(waiter)); }
  // Takes out those who have waited long enough.
  std::vector<TerminateDone> TakeReady();

 private:
  v1::LegEnding* Find(v1::LegSide side);
  bool AllReported() const;
  bool AllEnded() const;

  v1::Termination termination_;
  std::vector<v1::LegSide> expected_;
  bool sent_ = false;
  bool settled_ = false;
  bool committed_ = false;
  std::vector<Waiter> waiters_;
};

}  // namespace adieu::engine
