#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "adieu/config/v1/config.pb.h"
#include "adieu/v1/call.pb.h"
#include "server/base/error.h"
#include "server/policy/matcher.h"

namespace adieu::sip {

// Which route a new call takes: the first whose match holds. Immutable, pure.
class Router {
 public:
  // Without a route: parked this long.
  static constexpr std::chrono::seconds kDefaultTimeout{180};

  // Compiles the matches of `routes`; errors name the path (`routes[0].match...`).
  static base::Result<Router> Compile(const config::v1::Config& config);

  // Sets the call's route and labels. Answers how long it may ring.
  std::chrono::milliseconds Route(v1::Call* call) const;

 private:
  struct Entry {
    config::v1::Route route;
    policy::Matcher match;
  };

  std::vector<Entry> entries_;
};

}  // namespace adieu::sip
