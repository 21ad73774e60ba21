#include "server/engine/call_version.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "tests/unit/engine/fakes.h"

namespace adieu::engine {
namespace {

using google::protobuf::util::MessageDifferencer;

v1::Call FullCall() {
  v1::Call call = MakeCall("a", v1::CALL_STATE_TERMINATED);
  call.set_route("front");
  (*call.mutable_labels())["tenant"] = "blue";
  call.set_ended_by(v1::ENDED_BY_CALLER);
  call.set_termination("terminations/t");
  *call.mutable_answer_time() = base::ToTimestamp(std::chrono::system_clock::now());
  *call.mutable_end_time() = base::ToTimestamp(std::chrono::system_clock::now());
  call.mutable_caller()->set_last_status_code(480);
  v1::Header* header = call.mutable_caller()->add_headers();
  header->set_name("X-Test");
  header->set_value("1");
  *call.mutable_callee() = call.caller();
  call.mutable_callee()->set_sip_call_id("b@host");
  return call;
}

CallVersion VersionOf(const v1::Call& call) {
  CallVersion version;
  version.fixed = std::make_shared<const std::string>(PackFixed(call));
  version.varying = PackVarying(call);
  return version;
}

TEST(CallVersionTest, NothingIsLost) {
  const v1::Call call = FullCall();
  EXPECT_TRUE(MessageDifferencer::Equals(VersionOf(call).Unpack(), call));
}

TEST(CallVersionTest, TheFixedPartStaysWhenTheCallMovesOn) {
  const v1::Call ended = FullCall();
  v1::Call ringing = ended;
  ringing.set_state(v1::CALL_STATE_RINGING);
  ringing.mutable_caller()->set_state(v1::CALL_STATE_RINGING);
  ringing.mutable_caller()->set_last_status_code(180);
  ringing.clear_answer_time();
  ringing.clear_end_time();
  ringing.clear_ended_by();
  ringing.clear_termination();
  ringing.clear_callee();
  EXPECT_EQ(PackFixed(ringing), PackFixed(ended));
  EXPECT_NE(PackVarying(ringing), PackVarying(ended));
}

TEST(CallVersionTest, LaterBytesWin) {
  CallVersion version = VersionOf(FullCall());
  version.varying += PackTermination("terminations/u");
  version.varying += PackEndedBy(v1::ENDED_BY_TIMEOUT);
  EXPECT_EQ(version.Unpack().termination(), "terminations/u");
  EXPECT_EQ(version.Unpack().ended_by(), v1::ENDED_BY_TIMEOUT);
}

}  // namespace
}  // namespace adieu::engine
