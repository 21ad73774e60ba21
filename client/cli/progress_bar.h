#pragma once

#include <ostream>

#include "adieu/v1/call_control_service.pb.h"

namespace adieu::cli {

// One line of a terminal that shows where a sweep stands. The destructor wipes it away.
class ProgressBar {
 public:
  // `shown` false: nothing is ever written.
  ProgressBar(std::ostream& out, bool shown) : out_(out), shown_(shown) {}
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void Show(const v1::ApplyCancelPolicyResponse& progress);

 private:
  std::ostream& out_;
  const bool shown_;
};

}  // namespace adieu::cli
