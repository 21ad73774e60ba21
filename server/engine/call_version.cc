#include "server/engine/call_version.h"

namespace adieu::engine {

std::string PackFixed(const v1::Call& call) {
  v1::Call fixed = call;
  fixed.clear_messages();
  fixed.clear_state();
  fixed.clear_ended_by();
  fixed.clear_termination();
  fixed.clear_answer_time();
  fixed.clear_end_time();
  fixed.clear_callee();
  if (fixed.has_caller()) {
    fixed.mutable_caller()->clear_state();
    fixed.mutable_caller()->clear_last_status_code();
  }
  return fixed.SerializeAsString();
}

std::string PackVarying(const v1::Call& call) {
  v1::Call varying;
  varying.set_state(call.state());
  varying.set_ended_by(call.ended_by());
  varying.set_termination(call.termination());
  if (call.has_answer_time()) *varying.mutable_answer_time() = call.answer_time();
  if (call.has_end_time()) *varying.mutable_end_time() = call.end_time();
  if (call.has_callee()) *varying.mutable_callee() = call.callee();
  if (call.has_caller()) {
    varying.mutable_caller()->set_state(call.caller().state());
    varying.mutable_caller()->set_last_status_code(call.caller().last_status_code());
  }
  return varying.SerializeAsString();
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
