#include "client/cli/call_table.h"

#include "client/cli/call_cells.h"
#include "client/cli/enums.h"
#include "client/cli/when.h"

namespace adieu::cli {

// The widths keep the lines of a watch aligned, which is printed line by line.
std::vector<Column> CallColumns() {
  return {{"NAME", 28}, {"STATE", 11},      {"CREATED", 24}, {"FROM", 28},
          {"TO", 28},   {"USER-AGENT", 20}, {"ENDED BY"}};
}

std::vector<Cell> CallRow(const v1::Call& call) {
  return {{call.name()},
          StateCell(call.state()),
          {FormatTime(call.has_create_time(), call.create_time())},
          {call.caller().from_uri()},
          {call.caller().to_uri()},
          {call.caller().user_agent()},
          {ShortName(call.ended_by())}};
}

}  // namespace adieu::cli
