#pragma once

#include <chrono>
#include <optional>

#include "adieu/journal/v1/dialogs.pb.h"
#include "server/sip/replay.h"

namespace adieu::sip {

// What is done about one call of the process before. Pure.
struct RecoveryPlan {
  // None: this leg cannot be had, or there is none.
  std::optional<Replay::Kind> caller;
  std::optional<Replay::Kind> callee;
  // The caller gets its answer once more: nobody knows that it has it.
  bool answer_again = false;
};

// A caller that nobody answered gets a final response where its INVITE came by UDP: a connection is gone with
// the process. An answer without an ACK is repeated while the caller repeats its own part (64*T1); later it
// is taken for acknowledged.
RecoveryPlan PlanRecovery(const journal::v1::Dialogs& dialogs, std::chrono::system_clock::time_point now);

}  // namespace adieu::sip
