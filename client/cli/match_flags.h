#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>
#include <vector>

#include "adieu/v1/match.pb.h"

namespace adieu::cli {

// The flags that say which calls are meant. Lives as long as the parser that it was added to.
class MatchFlags {
 public:
  void AddTo(CLI::App& command);

  // All of what was given must hold; nothing given: nothing, that is every call. Throws CLI::ValidationError
  // for an unknown state and for a file that is not a CallMatch.
  std::optional<v1::CallMatch> Build() const;

 private:
  std::vector<std::string> states_;
  std::string caller_user_agent_;
  std::string from_;
  std::string to_;
  std::string file_;
};

}  // namespace adieu::cli
