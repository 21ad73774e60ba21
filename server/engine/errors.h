#pragma once

#include <string>
#include <vector>

#include "server/base/error.h"

namespace adieu::engine {

// The errors of call_control_service.proto that more than one part of the engine gives.

base::Error CallNotFound(const std::string& call);
base::Error SipCallIdNotFound(const std::string& sip_call_id);
base::Error CallTerminated(const std::string& call);
base::Error CallTerminating(const std::string& call, const std::string& termination);
base::Error Ambiguous(const std::vector<std::string>& calls);
base::Error QueueFull();
base::Error RequestIdReused();
base::Error ResumeTokenExpired();
base::Error WatcherTooSlow();

}  // namespace adieu::engine
