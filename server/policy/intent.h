#pragma once

#include <optional>
#include <string_view>

#include "adieu/v1/treatment.pb.h"

namespace adieu::policy {

// The words for intents. Pure.

// INTENT_UNSPECIFIED is INTENT_QUIET; every other one is itself.
v1::Intent ResolveIntent(v1::Intent intent);

// `quiet` for INTENT_QUIET and for INTENT_UNSPECIFIED, `try_later` for INTENT_TRY_LATER, and so on; `unknown`
// for a number that is no intent. From a fixed set: fit for a metric's label.
std::string_view IntentName(v1::Intent intent);

// The intent with this name, in any case, with or without `INTENT_`, with `-` or `_`. No value: there is
// none.
std::optional<v1::Intent> IntentFromName(std::string_view name);

}  // namespace adieu::policy
