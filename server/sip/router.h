#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adieu/config/v1/config.pb.h"
#include "adieu/v1/call.pb.h"
#include "server/base/error.h"
#include "server/policy/matcher.h"
#include "server/sip/forward_plan.h"

namespace adieu::sip {

// What a route says of a call.
struct RouteTaken {
  // How long it may ring.
  std::chrono::milliseconds ring_timeout{0};
  // Owned by the router. Null: the call is parked.
  const ForwardPlan* forward = nullptr;
};

// Which route a new call takes: the first whose match holds. Immutable, pure.
class Router {
 public:
  // Without a route: parked this long.
  static constexpr std::chrono::seconds kDefaultTimeout{180};

  // Compiles the matches and plans of `routes`; errors name the path (`routes[0].match...`).
  static base::Result<Router> Compile(const config::v1::Config& config);

  // Sets the call's route and labels.
  RouteTaken Route(v1::Call* call) const;

 private:
  struct Entry {
    config::v1::Route route;
    policy::Matcher match;
    RouteTaken taken;
    // What `taken.forward` points to.
    std::shared_ptr<const ForwardPlan> plan;
  };

  std::vector<Entry> entries_;
};

}  // namespace adieu::sip
