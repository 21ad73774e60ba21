#include "server/engine/call_version.h"

namespace adieu::engine {

PackedCall Pack(const v1::Call& call) {
  v1::Call fixed = call;
  fixed.clear_messages();
  v1::Call varying;
  varying.set_state(fixed.state());
  varying.set_ended_by(fixed.ended_by());
  varying.set_termination(fixed.termination());
  fixed.clear_state();
  fixed.clear_ended_by();
  fixed.clear_termination();
  if (fixed.has_answer_time()) varying.set_allocated_answer_time(fixed.release_answer_time());
  if (fixed.has_end_time()) varying.set_allocated_end_time(fixed.release_end_time());
  if (fixed.has_callee()) varying.set_allocated_callee(fixed.release_callee());
  if (fixed.has_caller()) {
    varying.mutable_caller()->set_state(fixed.caller().state());
    varying.mutable_caller()->set_last_status_code(fixed.caller().last_status_code());
    fixed.mutable_caller()->clear_state();
    fixed.mutable_caller()->clear_last_status_code();
  }
  return {fixed.SerializeAsString(), varying.SerializeAsString()};
}

v1::Call CallVersion::Unpack() const {
  v1::Call call;
  call.ParseFromString(*fixed);
  call.MergeFromString(varying);
  return call;
}

std::string PackTermination(const std::string& termination) {
  v1::Call call;
  call.set_termination(termination);
  return call.SerializeAsString();
}

std::string PackEndedBy(v1::EndedBy ended_by) {
  v1::Call call;
  call.set_ended_by(ended_by);
  return call.SerializeAsString();
}

}  // namespace adieu::engine
