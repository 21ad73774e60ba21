#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "adieu/v1/call.pb.h"

namespace adieu::cli {

// The flags that describe a call that does not exist. Lives as long as the parser that it was added to.
class MadeUpCall {
 public:
  void AddTo(CLI::App& command);

  // Whether any of them was given; the far end's failure apart.
  bool Given() const;
  // Whether the far end's failure was given.
  bool Failed() const { return status_ != 0; }

  // Puts what was given into the call. Throws CLI::ValidationError.
  void Describe(v1::Call& call) const;

 private:
  std::vector<CLI::Option*> options_;
  std::string state_;
  std::string user_agent_;
  std::string callee_user_agent_;
  std::string from_;
  std::string to_;
  std::string request_uri_;
  std::string address_;
  std::string route_;
  std::string target_;
  std::vector<std::string> labels_;
  std::vector<std::string> headers_;
  int status_ = 0;
  std::string reason_;
};

}  // namespace adieu::cli
