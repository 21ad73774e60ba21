#include "client/cli/policy_cells.h"

#include "client/cli/enums.h"

namespace adieu::cli {

Cell ModeCell(v1::CancelPolicyMode mode) {
  switch (mode) {
    case v1::CANCEL_POLICY_MODE_ENFORCED:
      return {ShortName(mode), Style::kGood};
    case v1::CANCEL_POLICY_MODE_SHADOW:
      return {ShortName(mode), Style::kBusy};
    case v1::CANCEL_POLICY_MODE_UNSPECIFIED:
      return {ShortName(v1::CANCEL_POLICY_MODE_DISABLED), Style::kFaint};
    default:
      return {ShortName(mode), Style::kFaint};
  }
}

}  // namespace adieu::cli
