#pragma once

#include <string>

#include "adieu/v1/call.pb.h"

namespace adieu::policy {

// A ringing call from a phone with this User-Agent.
inline v1::Call From(const std::string& user_agent) {
  v1::Call call;
  call.set_name("calls/abc");
  call.set_state(v1::CALL_STATE_RINGING);
  call.mutable_caller()->set_state(v1::CALL_STATE_RINGING);
  call.mutable_caller()->set_user_agent(user_agent);
  return call;
}

}  // namespace adieu::policy
