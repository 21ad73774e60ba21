#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "adieu/v1/call.pb.h"
#include "adieu/v1/termination.pb.h"
#include "server/base/error.h"
#include "server/policy/choose.h"
#include "server/policy/render.h"

namespace adieu::engine {

// What one call gets, and why. Pure.
struct Decision {
  // Without name, times, note, principal and legs.
  v1::Termination termination;
  // Its action is NONE when the call goes on: the treatment is relay or proceed.
  policy::Rendered ending;
  // Who decided. Null: the request gave the treatment.
  std::shared_ptr<const policy::CompiledPolicy> policy = nullptr;
  // Of FAR_END_FAILURE: the far end's status. Zero otherwise.
  int far_end_status = 0;
};

// What the policies of `set` choose, or `given` completed when it is not null. `own`: this server's addresses
// (policy/contact_check.h). INVALID_ARGUMENT: a contact of `given`, which was checked otherwise, points at
// this server.
base::Result<Decision> Decide(const policy::PolicySet& set, const policy::Question& question,
                              const v1::Treatment* given, std::span<const std::string> own);

// The legs of the call that have something to end, with the action that their state asks for and what would
// leave; without an outcome.
std::vector<v1::LegEnding> PlannedLegs(const v1::Call& call, const policy::Rendered& ending);

}  // namespace adieu::engine
