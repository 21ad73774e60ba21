#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "server/policy/compiled_policy.h"
#include "tests/unit/policy/textproto.h"

namespace adieu::policy {

// `cancelPolicies/ID`, compiled; `fields` are further fields of the policy. The test fails when it is
// refused.
inline std::shared_ptr<const CompiledPolicy> Policy(const std::string& id, const std::string& fields) {
  auto compiled = CompiledPolicy::Compile(
      Parse<v1::CancelPolicy>("name: 'cancelPolicies/" + id + "' etag: 'etag-" + id + "' " + fields),
      "policy", {});
  EXPECT_TRUE(compiled.ok()) << (compiled.ok() ? "" : compiled.error().message);
  return compiled.ok() ? *compiled : nullptr;
}

}  // namespace adieu::policy
