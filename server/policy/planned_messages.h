#pragma once

#include <vector>

#include "adieu/v1/cancel_policy_service.pb.h"
#include "adieu/v1/treatment.pb.h"
#include "adieu/v1/trigger.pb.h"

namespace adieu::policy {

// The SIP messages that a complete treatment (builtin.h) brings to the legs of a call, by the wire table for
// where each leg stands. Of what a peer has not told us yet nothing is guessed: a callee that sent no
// provisional response is CANCELled when it does. Pure.
std::vector<v1::PlannedMessage> PlanMessages(const v1::Call& call, v1::Trigger trigger,
                                             const v1::Treatment& treatment);

}  // namespace adieu::policy
