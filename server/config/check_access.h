#pragma once

#include "adieu/config/v1/access.pb.h"
#include "server/config/problems.h"

namespace adieu::config {

// Checks who may use the API against the bounds of access.proto, its keys excepted. `client_cas`: clients
// show certificates (`api.tls.client_ca_file`). Pure.
void CheckAccess(const v1::Access& access, bool client_cas, Problems* problems);

}  // namespace adieu::config
