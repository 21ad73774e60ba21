#include "server/engine/policy_count.h"

#include <algorithm>

namespace adieu::engine {

void CountPolicies(const policy::PolicySet& set, metrics::Metrics* metrics) {
  for (const auto origin :
       {v1::CANCEL_POLICY_ORIGIN_SHIPPED, v1::CANCEL_POLICY_ORIGIN_DIRECTORY, v1::CANCEL_POLICY_ORIGIN_API}) {
    for (const auto mode :
         {v1::CANCEL_POLICY_MODE_DISABLED, v1::CANCEL_POLICY_MODE_SHADOW, v1::CANCEL_POLICY_MODE_ENFORCED}) {
      const auto count =
          std::count_if(set.policies().begin(), set.policies().end(), [&](const auto& compiled) {
            return compiled->policy().origin() == origin && compiled->policy().mode() == mode;
          });
      metrics->SetPolicies(origin, mode, static_cast<size_t>(count));
    }
  }
}

}  // namespace adieu::engine
