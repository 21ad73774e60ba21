#pragma once

#include <string>

#include "adieu/v1/cancel_policy.pb.h"
#include "adieu/v1/treatment.pb.h"

namespace adieu::cli {

// A treatment in one line: what the caller gets, then the Reason values of the CANCEL and of the BYE:
// `480 Call ended, Reason: Q.850;cause=16 | CANCEL: SIP;cause=603 | BYE: Q.850;cause=16;text="..."`. Reasons
// that it does not give are left out.
std::string TreatmentText(const v1::Treatment& treatment);

// `Q.850;cause=16;text="Normal call clearing"`.
std::string ReasonText(const v1::Reason& reason);

// What a policy in shadow mode would have decided: `cancelPolicies/night, rule late: 480 Call ended`.
std::string ShadowText(const v1::ShadowDecision& shadow);

}  // namespace adieu::cli
