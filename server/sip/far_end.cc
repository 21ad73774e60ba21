#include "server/sip/far_end.h"

namespace adieu::sip {

using metrics::FailoverReason;

std::optional<FailoverReason> FailoverFor(int status, bool by_stack) {
  if (status == 503) return by_stack ? FailoverReason::kUnreachable : FailoverReason::kUnavailable;
  if (by_stack && status == 408) return FailoverReason::kNoAnswer;
  if (by_stack) return FailoverReason::kUnreachable;
  return std::nullopt;
}

int StatusForCaller(int status, bool by_stack) {
  if (by_stack) return status == 408 ? 480 : 500;
  return status == 503 || status >= 700 ? 500 : status;
}

}  // namespace adieu::sip
