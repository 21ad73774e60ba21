#pragma once

#include <optional>
#include <string>

#include "adieu/v1/treatment.pb.h"
#include "adieu/v1/trigger.pb.h"
#include "server/base/error.h"

namespace adieu::policy {

// What each trigger means to the policies: the intent that their rules see, and the treatments that it
// allows. Pure.

// The intent that rules see: `requested` for REQUEST (UNSPECIFIED or no intent: QUIET), TRY_LATER for
// RING_TIMEOUT, MAINTENANCE for DRAIN; UNSPECIFIED, which is none, for the others.
v1::Intent IntentOf(v1::Trigger trigger, v1::Intent requested);

// Whether a rule that is asked by this trigger can see this intent.
bool CanAskWith(v1::Trigger trigger, v1::Intent intent);

// The intent whose built-in answer fills in what a treatment leaves out: as IntentOf, and QUIET where there
// is none.
v1::Intent FillIntentOf(v1::Trigger trigger, v1::Intent requested);

// Whether the far end's final status is passed on by every policy whose rule does not name it: 401, 407, 422
// and 3xx, because digest, session timers and redirects need what came with them.
bool MustBeNamed(int far_end_status);

// Refuses a kind of treatment that the trigger does not allow. `path`: of the treatment. A trigger that is
// not known allows what REQUEST does.
std::optional<base::Error> CheckAllowed(const v1::Treatment& treatment, v1::Trigger trigger,
                                        const std::string& path);

}  // namespace adieu::policy
