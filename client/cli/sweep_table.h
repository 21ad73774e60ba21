#pragma once

#include <chrono>
#include <map>
#include <ostream>
#include <string>
#include <tuple>

#include "adieu/v1/call_control_service.pb.h"

namespace adieu::cli {

// What a sweep did, added up from what its stream said. A plain value.
class SweepTable {
 public:
  void Add(const v1::ApplyCancelPolicyResponse& progress);

  // The counts, then how many legs there are of each outcome and message.
  void Print(std::chrono::milliseconds took, std::ostream& out, bool colour) const;

  const v1::ApplyCancelPolicyResponse& last() const { return last_; }

 private:
  // Outcome, side, message.
  using Kind = std::tuple<v1::LegOutcome, v1::LegSide, std::string>;

  v1::ApplyCancelPolicyResponse last_;
  std::map<Kind, size_t> legs_;
  int told_ = 0;
};

// What a sweep would do: the count, then one line per leg of the calls that the answer shows.
void PrintPlan(const v1::ApplyCancelPolicyResponse& plan, std::ostream& out, bool colour);

}  // namespace adieu::cli
