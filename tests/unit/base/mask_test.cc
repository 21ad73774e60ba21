#include "server/base/mask.h"

#include <gtest/gtest.h>

#include "adieu/v1/call.pb.h"
#include "adieu/v1/call_control_service.pb.h"
#include "adieu/v1/cancel_policy_service.pb.h"

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

TEST(MaskPersonal, ReasonAndNamesStay) {
  v1::LegEnding leg;
  const struct {
    const char* name;
    const char* value;
    const char* masked;
  } kHeaders[] = {
      {"Reason", "Q.850;cause=16", "Q.850;cause=16"},
      {"retry-after", "5", "5"},
      {"Contact", "<sip:+4930123456712@host>", "*****"},
      {"X-Reason", "Alice", "*****"},
      {"Reason", "", ""},
  };
  for (const auto& header : kHeaders) {
    leg.add_headers()->set_name(header.name);
    leg.mutable_headers()->rbegin()->set_value(header.value);
  }
  MaskPersonal(&leg);
  for (int i = 0; i < leg.headers_size(); ++i) {
    EXPECT_EQ(leg.headers(i).name(), kHeaders[i].name);
    EXPECT_EQ(leg.headers(i).value(), kHeaders[i].masked);
  }
}

TEST(MaskPersonal, WhatAPolicyComparesIsMaskedWhereItTellsAboutPeople) {
  v1::CancelPolicy policy;
  v1::Rule* rule = policy.add_rules();
  rule->set_id("a");
  auto* matches = rule->mutable_match()->mutable_all_of();
  matches->add_matches()->mutable_from_uri()->set_exact("sip:+4930123456712@host");
  matches->add_matches()->mutable_to_uri()->set_regex(".*4930123.*");
  matches->add_matches()->mutable_caller_user_agent()->set_prefix("Phone");
  auto* header = matches->add_matches()->mutable_header();
  header->set_name("X-Account");
  header->mutable_value()->set_exact("4711");
  auto* label = matches->add_matches()->mutable_label();
  label->set_key("account");
  label->mutable_value()->set_exact("4711");
  rule->mutable_treatment()->mutable_redirect()->add_contacts("sip:+4930123456712@host");

  v1::CancelPolicy expected = policy;
  auto* masked = expected.mutable_rules(0)->mutable_match()->mutable_all_of();
  masked->mutable_matches(0)->mutable_from_uri()->set_exact("sip:+4930*****12@host");
  masked->mutable_matches(1)->mutable_to_uri()->set_regex("*****");
  masked->mutable_matches(3)->mutable_header()->mutable_value()->set_exact("*****");
  masked->mutable_matches(4)->mutable_label()->mutable_value()->set_exact("*****");
  expected.mutable_rules(0)->mutable_treatment()->mutable_redirect()->set_contacts(0,
                                                                                   "sip:+4930*****12@host");

  MaskPersonal(&policy);
  EXPECT_EQ(policy.DebugString(), expected.DebugString());
}

TEST(MaskPersonal, AnExplanationHidesNodesThatTellAboutPeople) {
  v1::MatchExplanation explanation;
  for (const char* node : {"from_uri", "caller_user_agent", "label", "caller_network", "something_new"}) {
    v1::MatchExplanation* branch = explanation.add_branches();
    branch->set_node(node);
    branch->set_condition("prefix \"a\"");
    branch->set_tested("abc");
  }
  explanation.set_node("all_of");
  MaskPersonal(&explanation);
  std::string hidden;
  for (const v1::MatchExplanation& branch : explanation.branches()) {
    const bool whole = branch.condition() == "prefix \"a\"" && branch.tested() == "abc";
    if (!whole) {
      EXPECT_EQ(branch.condition() + branch.tested(), "**********");
      hidden += branch.node() + " ";
    }
  }
  EXPECT_EQ(hidden, "from_uri label something_new ");
}

}  // namespace
}  // namespace adieu::base
