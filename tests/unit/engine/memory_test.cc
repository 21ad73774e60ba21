#include <gtest/gtest.h>
#include <malloc.h>

#include "server/engine/call_registry.h"
#include "tests/unit/engine/fakes.h"

namespace adieu::engine {
namespace {

v1::SipMessage Message(const char* method, int status_code) {
  v1::SipMessage message;
  message.set_side(v1::LEG_SIDE_CALLER);
  message.set_direction(v1::DIRECTION_SENT);
  message.set_method(method);
  message.set_status_code(status_code);
  message.set_reason_phrase(status_code == 0 ? "" : "Ringing");
  message.set_cseq(20);
  *message.mutable_time() = base::ToTimestamp(std::chrono::system_clock::now());
  return message;
}

v1::Call PhoneCall(int number) {
  v1::Call call = MakeCall("abcdefghijklmnopqr" + std::to_string(10'000'000 + number));
  v1::Leg* caller = call.mutable_caller();
  caller->set_sip_call_id("8f2c1e90-7d1b-4a7e-9d53-" + std::to_string(number) + "@192.0.2.17");
  for (const char* name : {"User-Agent", "Allow", "Supported", "Session-Expires", "P-Asserted-Identity",
                           "Privacy", "X-Tenant", "Accept"}) {
    v1::Header* header = caller->add_headers();
    header->set_name(name);
    header->set_value("INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE");
  }
  return call;
}

// The registry's part of a ringing call: the call, its place in the indexes, its changes in the log, its
// ladder. Sanitizers report no heap use: then the test only runs the code.
TEST(MemoryTest, ARingingCallTakesLessThanThreeKilobytes) {
  constexpr int kCalls = 10'000;
  metrics::Metrics metrics("test");
  CallRegistry registry({}, &metrics);
  const size_t before = mallinfo2().uordblks;
  for (int i = 0; i < kCalls; ++i) {
    v1::Call call = PhoneCall(i);
    registry.Update(call);
    call.mutable_caller()->set_last_status_code(180);
    registry.Update(call);
    registry.AppendMessage(call.name(), Message("INVITE", 0));
    registry.AppendMessage(call.name(), Message("INVITE", 100));
    registry.AppendMessage(call.name(), Message("INVITE", 180));
  }
  const size_t per_call = (mallinfo2().uordblks - before) / kCalls;
  RecordProperty("bytes_per_call", static_cast<int>(per_call));
  EXPECT_LT(per_call, 3000u);
}

}  // namespace
}  // namespace adieu::engine
