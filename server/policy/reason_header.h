#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace adieu::policy {

// The Reason header as it came from a peer (RFC 3326 2). Pure.

// One value of it.
struct ReasonValue {
  // As it was written: `SIP`, `Q.850`.
  std::string protocol;
  // Zero: none was given, or none that is a number of at most three digits.
  int cause = 0;
};

// The values of one header field, which commas separate; quoted texts may hold commas and semicolons. What is
// no value is left out. Any bytes.
std::vector<ReasonValue> ParseReasonHeader(std::string_view field);

}  // namespace adieu::policy
