#pragma once

#include <span>
#include <string>

#include "server/base/error.h"
#include "server/engine/decision.h"
#include "server/engine/policy_book.h"
#include "server/metrics/metrics.h"

namespace adieu::engine {

// Asks the policies of the moment about calls, and tells metrics and log what they said. Any thread; blocks
// nowhere. Owned by the engine; policies and metrics must outlive it.
class Decider {
 public:
  Decider(const PolicyBook* policies, metrics::Metrics* metrics) : policies_(policies), metrics_(metrics) {}

  // Whether a policy that somebody wrote or enabled may have something to say: otherwise the built-in one
  // decides.
  bool Hears(v1::Trigger trigger) const { return policies_->Current()->Hears(trigger); }

  // As decision.h says; measured.
  base::Result<Decision> Decide(const policy::Question& question, const v1::Treatment* given = nullptr,
                                std::span<const std::string> own = {}) const;

  // The decision stands: counts who decided and what policies in SHADOW mode would have, and logs what is not
  // the built-in answer. That a call goes on because no policy says otherwise is no decision.
  void Tell(const Decision& decision) const;

 private:
  void Count(const std::string& policy, v1::CancelPolicyMode mode, v1::Trigger trigger,
             const std::string& rule) const;

  const PolicyBook* const policies_;
  metrics::Metrics* const metrics_;
};

}  // namespace adieu::engine
