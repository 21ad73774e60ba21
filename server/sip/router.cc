#include "server/sip/router.h"

#include <strings.h>

#include "server/base/clock.h"

namespace adieu::sip {
namespace {

const v1::Header* FindHeader(const v1::Leg& leg, const std::string& name) {
  for (const v1::Header& header : leg.headers()) {
    if (strcasecmp(header.name().c_str(), name.c_str()) == 0) return &header;
  }
  return nullptr;
}

std::chrono::milliseconds Milliseconds(const google::protobuf::Duration& duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(base::FromDuration(duration));
}

std::chrono::milliseconds RingTimeout(const config::v1::Route& route) {
  if (route.has_forward() && route.forward().has_ring_timeout()) {
    return Milliseconds(route.forward().ring_timeout());
  }
  if (route.park().has_timeout()) return Milliseconds(route.park().timeout());
  return Router::kDefaultTimeout;
}

}  // namespace

base::Result<Router> Router::Compile(const config::v1::Config& config) {
  Router router;
  for (int i = 0; i < config.routes_size(); ++i) {
    const config::v1::Route& route = config.routes(i);
    policy::Matcher match = policy::Matcher::Every();
    if (route.has_match()) {
      auto compiled = policy::Matcher::Compile(route.match(), "routes[" + std::to_string(i) + "].match");
      if (!compiled.ok()) return compiled.error();
      match = *compiled;
    }
    std::shared_ptr<const ForwardPlan> plan;
    if (route.has_forward()) plan = std::make_shared<const ForwardPlan>(ForwardPlan::From(route.forward()));
    const RouteTaken taken{.ring_timeout = RingTimeout(route), .forward = plan.get()};
    router.entries_.push_back(
        {.route = route, .match = std::move(match), .taken = taken, .plan = std::move(plan)});
  }
  return router;
}

RouteTaken Router::Route(v1::Call* call) const {
  const auto now = std::chrono::system_clock::now();
  for (const Entry& entry : entries_) {
    if (!entry.match.Matches(*call, now)) continue;
    call->set_route(entry.route.name());
    *call->mutable_labels() = entry.route.labels();
    for (const auto& [key, header_name] : entry.route.label_headers()) {
      const v1::Header* header = FindHeader(call->caller(), header_name);
      if (header != nullptr) (*call->mutable_labels())[key] = header->value();
    }
    return entry.taken;
  }
  return {.ring_timeout = kDefaultTimeout};
}

}  // namespace adieu::sip
