#pragma once

#include <optional>

#include "server/base/error.h"
#include "server/config/flags.h"
#include "server/config/settings.h"

namespace adieu::config {

// Puts the flags over what the file gave and records them as the origins. CONFIG_INVALID when a flag's own
// form is wrong (an empty value, an unknown kind of store); the values are checked later, with the rest.
// Pure.
std::optional<base::Error> OverrideConfig(const Flags& flags, Settings* settings);

}  // namespace adieu::config
