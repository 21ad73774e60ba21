#pragma once

#include <optional>
#include <string>

#include "server/engine/call_registry.h"
#include "server/engine/decider.h"
#include "server/engine/terminator.h"
#include "server/sip/port.h"

namespace adieu::engine {

// Answers what the agents ask about calls (sip/port.h), by the policies. On the agents' threads: while no
// policy hears a trigger the answer takes no lock and copies nothing, otherwise it takes as long as one
// choice; what ends the call is placed by a worker. Owned by the engine, which owns all that it uses.
class Triggers {
 public:
  Triggers(const CallRegistry* registry, const Decider* decider, Terminator* terminator);
  Triggers(const Triggers&) = delete;
  Triggers& operator=(const Triggers&) = delete;

  sip::Verdict OnArrival(const std::string& call);
  sip::Verdict OnFarEndFailure(const std::string& call, int status_code, const std::string& reason);
  std::optional<std::string> OnCallerCancel(const std::string& call);

 private:
  // What the policies say; told. `call` has what the trigger brought.
  Decision Ask(const v1::Call& call, v1::Trigger trigger) const;
  sip::Verdict Follow(v1::Call call, Decision decision);

  const CallRegistry* const registry_;
  const Decider* const decider_;
  Terminator* const terminator_;
};

}  // namespace adieu::engine
