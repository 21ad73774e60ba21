#pragma once

#include <string>

#include "adieu/v1/role.pb.h"
#include "server/metrics/metrics.h"

namespace adieu::api {

// One method of a service, as the schema has it.
struct Method {
  // Without its service: `TerminateCall`.
  std::string name;
  // ROLE_UNSPECIFIED: nobody may call it.
  v1::Role least_role = v1::ROLE_UNSPECIFIED;
  // It changes calls or policies: who may only read may not call it, and each call of it is put on record.
  bool changes = false;
  metrics::Metrics::RpcKey metric = 0;
};

// Makes it count. `service`: with its package, one that is linked in. Slow: at start only.
Method FindMethod(const std::string& service, const std::string& name, metrics::Metrics* metrics);

}  // namespace adieu::api
