#pragma once

#include <vector>

#include "adieu/v1/call.pb.h"
#include "client/cli/table.h"

namespace adieu::cli {

// One call a line, for `calls list` and `calls watch`.
std::vector<Column> CallColumns();
std::vector<Cell> CallRow(const v1::Call& call);

}  // namespace adieu::cli
