#pragma once

#include <string>

#include "adieu/config/v1/access.pb.h"
#include "server/base/error.h"

namespace adieu::config {

// Who may use the API, as `api.tokens_file` says: checked, defaults filled in, the keys of issuers read.
// `client_cas` as in CheckAccess. INVALID_ARGUMENT (CONFIG_INVALID with every problem as `path:line: ...`,
// CONFIG_UNREADABLE). Reads the files, blocking.
base::Result<v1::Access> ReadAccess(const std::string& path, bool client_cas);

}  // namespace adieu::config
