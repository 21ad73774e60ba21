#pragma once

#include <chrono>
#include <string>

#include "adieu/v1/role.pb.h"

namespace adieu::access {

inline constexpr char kAnonymous[] = "anonymous";

// Who asks, as far as it is known, and what they may do. A value type.
struct Caller {
  // `token:NAME`, `jwt:ISSUER:SUB`, `certificate:NAME`; `anonymous` where nobody is asked who they are.
  std::string principal = kAnonymous;
  v1::Role role = v1::ROLE_UNSPECIFIED;
  // When the credentials run out.
  std::chrono::system_clock::time_point end = std::chrono::system_clock::time_point::max();
};

}  // namespace adieu::access
