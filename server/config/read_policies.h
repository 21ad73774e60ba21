#pragma once

#include <optional>

#include "server/base/error.h"
#include "server/config/settings.h"

namespace adieu::config {

// Fills in `policies` from the files of `policies.directory`, as config.proto says; what the policies mean is
// not looked at. CONFIG_INVALID with every problem of every file; CONFIG_UNREADABLE. Reads files, blocking.
std::optional<base::Error> ReadPolicies(Settings* settings);

// Makes an error about `policies.enable[i]` or `policies.directory[i]...`, where the latter stands for the
// i-th of `policies`, one that says where that was written: `policies/night.yaml:12: rules[0].id: ...`.
base::Error AtOrigin(const Settings& settings, const base::Error& error);

}  // namespace adieu::config
