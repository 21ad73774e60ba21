#pragma once

#include "server/metrics/metrics.h"
#include "server/policy/policy_set.h"

namespace adieu::engine {

// Tells how many policies there are of each origin and in each mode, the built-in one among them.
void CountPolicies(const policy::PolicySet& set, metrics::Metrics* metrics);

}  // namespace adieu::engine
