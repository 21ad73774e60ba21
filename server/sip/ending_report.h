#pragma once

#include <string>

#include "adieu/v1/termination.pb.h"
#include "server/sip/port.h"

namespace adieu::sip {

// How one leg of one order stands, as the engine is told. Owned by the leg that is ended; the agent's thread.
// After Settle it says nothing more.
class EndingReport {
 public:
  // `events` outlives it.
  EndingReport(CallEvents& events, std::string termination, std::string call, v1::LegSide side,
               v1::LegAction action);

  // What is told next.
  v1::LegEnding& ending() { return ending_; }
  bool settled() const { return settled_; }

  void Held();
  // It left: now, for the first time.
  void Sent();
  // The outcome is final.
  void Settle(v1::LegOutcome outcome);

 private:
  void Tell(v1::LegOutcome outcome);

  CallEvents& events_;
  const std::string termination_;
  const std::string call_;
  v1::LegEnding ending_;
  bool settled_ = false;
};

}  // namespace adieu::sip
