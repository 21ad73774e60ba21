#pragma once

#include <string>
#include <vector>

#include "client/adieu/result.h"
#include "client/cli/session.h"

namespace adieu::cli {

// Says on session.err what went wrong: one line, then one line for each violation and each metadata entry.
// Returns the Exit: kUnreachable when nobody answered in time, kRefused when the server said no.
int Fail(const Session& session, const client::Error& error);

// Says what is wrong with files, one line each. Returns kUsage.
int FailFiles(const Session& session, const std::vector<std::string>& problems);

}  // namespace adieu::cli
