#include "server/base/mask.h"

#include <gtest/gtest.h>

#include "adieu/v1/call.pb.h"
#include "adieu/v1/call_control_service.pb.h"

namespace adieu::base {
namespace {

TEST(MaskUri, KeepsFrontAndBackOfLongUsersOnly) {
  const struct {
    std::string uri;
    std::string masked;
  } kCases[] = {
      {"sip:+4930123456712@host", "sip:+4930*****12@host"},
      {"sips:+4930123456712@host:5061", "sips:+4930*****12@host:5061"},
      {"SIP:+4930123456712@host", "SIP:+4930*****12@host"},
      {"sip:1234567890@[2001:db8::1]:5060", "sip:12345*****90@[2001:db8::1]:5060"},
      {"sip:123456789@host", "sip:*****@host"},
      {"sip:bob@host", "sip:*****@host"},
      {"sip:+4930123456712:secret@host", "sip:+4930*****12@host"},
      {"sip:+4930123456712;phone-context=+49@host;user=phone", "sip:+4930*****12@host"},
      {"sip:bob@host?Subject=call+4930123456712", "sip:*****@host"},
      {"sip:bob@evil@host", "sip:*****@host"},
      {"sip:host.example", "sip:host.example"},
      {"sip:192.0.2.1:5060;lr", "sip:192.0.2.1:5060"},
      {"sip:+4930123456712", "sip:+4930*****12"},
      {"sip:4930123456712", "sip:49301*****12"},
      {"sip:", "sip:"},
      {"tel:+4930123456712;isub=1", "tel:+4930*****12"},
      {"tel:110", "tel:*****"},
      {"+4930123456712", "+4930*****12"},
      {"mailto:somebody@example.com", "mailt*****om"},
      {"Alice", "*****"},
      {"", ""},
      // Five and two characters, not bytes.
      {"sip:\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa4\xc3\xb6@h",
       "sip:\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa4*****\xc3\xa4\xc3\xb6@h"},
  };
  for (const auto& test : kCases) EXPECT_EQ(MaskUri(test.uri), test.masked) << test.uri;
}

TEST(MaskPersonal, MasksWhatTheProtoMarksAtAnyDepth) {
  v1::ListCallsResponse response;
  v1::Call* call = response.add_calls();
  call->set_name("calls/abc");
  (*call->mutable_labels())["team"] = "blue";
  v1::Leg* leg = call->mutable_caller();
  leg->set_from_uri("sip:+4930123456712@host");
  leg->set_to_uri("sip:bob@host");
  leg->set_user_agent("Phone/1.0");
  v1::Header* header = leg->add_headers();
  header->set_name("P-Asserted-Identity");
  header->set_value("\"Alice\" <sip:+4930123456712@host>");
  leg->add_headers()->set_name("Empty");
  call->add_messages()->set_reason_phrase("Busy");

  v1::ListCallsResponse expected = response;
  v1::Leg* masked = expected.mutable_calls(0)->mutable_caller();
  masked->set_from_uri("sip:+4930*****12@host");
  masked->set_to_uri("sip:*****@host");
  masked->mutable_headers(0)->set_value("*****");
  (*expected.mutable_calls(0)->mutable_labels())["team"] = "*****";

  MaskPersonal(&response);
  EXPECT_EQ(response.SerializeAsString(), expected.SerializeAsString()) << response.DebugString();
}

}  // namespace
}  // namespace adieu::base
