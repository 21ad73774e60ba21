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
    router.entries_.push_back({.route = route, .match = std::move(match)});
  }
  return router;
}

std::chrono::milliseconds Router::Route(v1::Call* call) const {
  const auto now = std::chrono::system_clock::now();
  for (const Entry& entry : entries_) {
    if (!entry.match.Matches(*call, now)) continue;
    call->set_route(entry.route.name());
    *call->mutable_labels() = entry.route.labels();
    for (const auto& [key, header_name] : entry.route.label_headers()) {
      const v1::Header* header = FindHeader(call->caller(), header_name);
      if (header != nullptr) (*call->mutable_labels())[key] = header->value();
    }
    if (!entry.route.park().has_timeout()) return kDefaultTimeout;
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        base::FromDuration(entry.route.park().timeout()));
  }
  return kDefaultTimeout;
}

}  // namespace adieu::sip
