#pragma once

#include <span>
#include <string>

#include "adieu/v1/call.pb.h"
#include "adieu/v1/termination.pb.h"
#include "server/base/error.h"
#include "server/policy/render.h"

namespace adieu::engine {

// What one call gets, and why. Pure.
struct Decision {
  // Without name, times, note, principal and legs.
  v1::Termination termination;
  policy::Rendered ending;
};

// The treatment for this call: `given` completed, or the built-in one when `given` is null. `own`: this
// server's addresses (policy/contact_check.h). INVALID_ARGUMENT: a contact of `given`, which was checked
// otherwise, points at this server.
base::Result<Decision> Decide(const v1::Call& call, v1::Trigger trigger, v1::Intent intent,
                              const v1::Treatment* given, std::span<const std::string> own);

// The legs of the call that have something to end, with the action that their state asks for and what would
// leave; without an outcome.
std::vector<v1::LegEnding> PlannedLegs(const v1::Call& call, const policy::Rendered& ending);

}  // namespace adieu::engine
