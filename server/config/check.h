#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "adieu/config/v1/config.pb.h"
#include "server/base/error.h"
#include "server/config/origins.h"
#include "server/config/problems.h"

namespace adieu::config {

// Checks a complete configuration (complete.h) against the bounds of config.proto. Nothing: it is good. Else
// CONFIG_INVALID with every problem (problems.h). The match trees of routes are not looked at. Pure.
std::optional<base::Error> CheckConfig(const v1::Config& config, const Origins& origins);

// The parts of CheckConfig, one per part of the schema.
void CheckSip(const v1::Sip& sip, Problems* problems);
void CheckRoutes(const v1::Config& config, Problems* problems);
void CheckServing(const v1::Config& config, Problems* problems);
void CheckBounds(const v1::Config& config, Problems* problems);
// `path` is that of `forward`; `sip` has the listeners, at which no target may point.
void CheckForward(const v1::Forward& forward, const v1::Sip& sip, const std::string& path,
                  Problems* problems);
// `redirect`: drain.redirect. Empty: none.
void CheckRedirect(const std::string& redirect, const v1::Sip& sip, Problems* problems);

// 1 to 63 characters of a-z, 0-9 and `-`.
void CheckName(const std::string& name, const std::string& path, Problems* problems);
// A duration of `min` to `max`, both included.
void CheckDuration(const google::protobuf::Duration& duration, std::chrono::milliseconds min,
                   std::chrono::milliseconds max, const std::string& path, Problems* problems);

}  // namespace adieu::config
