#pragma once

#include "adieu/config/v1/config.pb.h"

namespace adieu::config {

// Fills in every default that config.proto gives. Asks the system for the host's name.
void CompleteConfig(v1::Config* config);

}  // namespace adieu::config
