#pragma once

#include <memory>
#include <string>

#include "adieu/v1/treatment.pb.h"
#include "server/policy/compiled_policy.h"

namespace adieu::engine {

// What every call of a sweep has in common.
struct SweepTerms {
  // `sweeps/{sweep}`. Empty: nothing is done, it is only shown what would be.
  std::string sweep;
  v1::Intent intent = v1::INTENT_QUIET;
  // Asked before all others. Null: none.
  std::shared_ptr<const policy::CompiledPolicy> policy = nullptr;
  std::string note = {};
  std::string principal = {};
};

}  // namespace adieu::engine
