#pragma once

#include "adieu/v1/cancel_policy_service.pb.h"
#include "server/policy/choose.h"

namespace adieu::policy {

// What Choose gives for this question, and why; with the messages that would be sent to the legs that the
// call has, by the wire table. Pure; never disagrees with Choose.
v1::ExplainCancelPolicyResponse Explain(const PolicySet& set, const Question& question);

}  // namespace adieu::policy
