#pragma once

#include <ostream>

#include "adieu/v1/cancel_policy_service.pb.h"

namespace adieu::cli {

// Says for a person what would be decided and why: the policy and rule that decide, the treatment in a line,
// the messages that would be sent, then every rule with its verdict and the tree of its match, each node with
// whether it holds and the value that was tested. Rules that were not evaluated share a line. `colour`: ticks
// and crosses in colours; else `+` and `-` in plain ASCII.
void PrintExplanation(const v1::ExplainCancelPolicyResponse& explanation, std::ostream& out, bool colour);

}  // namespace adieu::cli
