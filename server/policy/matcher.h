#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "adieu/v1/call.pb.h"
#include "adieu/v1/cancel_policy_service.pb.h"
#include "adieu/v1/match.pb.h"
#include "server/base/error.h"

namespace adieu::policy {

// A compiled CallMatch: checked once, then tested against many calls. Immutable, cheap to copy, may be used
// by any number of threads at once. Pure.
class Matcher {
 public:
  // Checks every limit of match.proto and compiles the expressions. `path` is the path of the match in the
  // request (`match`); errors are INVALID_FIELD with the full path.
  static base::Result<Matcher> Compile(const v1::CallMatch& match, const std::string& path);

  // What an absent match means: every call.
  static Matcher Every();

  // How large its expressions are together (string_test.h).
  int ExpressionSize() const;

  // Whether the call matches. `now` decides on min_age.
  bool Matches(const v1::Call& call, std::chrono::system_clock::time_point now) const;

  // The same, node by node.
  v1::MatchExplanation Explain(const v1::Call& call, std::chrono::system_clock::time_point now) const;

 private:
  struct Tree;

  explicit Matcher(std::shared_ptr<const Tree> tree);

  // Null: every call. Shared, so that a copy is cheap.
  std::shared_ptr<const Tree> tree_;
};

}  // namespace adieu::policy
