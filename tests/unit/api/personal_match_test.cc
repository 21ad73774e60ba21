#include "server/api/personal_match.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

#include "adieu/v1/call_control_service.pb.h"
#include "adieu/v1/cancel_policy_service.pb.h"

namespace adieu::api {
namespace {

template <typename Request>
std::string Find(const std::string& text) {
  Request request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
  return FindPersonalMatch(request).value_or("");
}

TEST(FindPersonalMatch, FindsWhatIsNotComparedAsAWhole) {
  const struct {
    const char* request;
    const char* field;
  } kCases[] = {
      {"", ""},
      {"match { every_call {} }", ""},
      {"match { from_uri { exact: 'a' ignore_case: true } }", ""},
      {"match { from_uri {} }", ""},
      {"match { from_uri { prefix: 'a' } }", "match.from_uri"},
      {"match { to_uri { suffix: 'a' } }", "match.to_uri"},
      {"match { request_uri { contains: 'a' } }", "match.request_uri"},
      {"match { target { regex: 'a' } }", "match.target"},
      {"match { header { name: 'a' } }", ""},
      {"match { header { name: 'a' value { exact: 'b' } } }", ""},
      {"match { header { name: 'a' value { prefix: 'b' } } }", "match.header.value"},
      {"match { label { key: 'a' value { prefix: 'b' } } }", "match.label.value"},
      {"match { caller_user_agent { prefix: 'a' } }", ""},
      {"match { route { regex: 'a' } }", ""},
      {"match { caller_network: '192.0.2.0/24' }", ""},
      {"match { none_of { matches { state: CALL_STATE_RINGING } matches { from_uri { prefix: 'a' } } } }",
       "match.none_of.matches[1].from_uri"},
  };
  for (const auto& test : kCases) {
    EXPECT_EQ(Find<v1::ListCallsRequest>(test.request), test.field) << test.request;
    EXPECT_EQ(Find<v1::WatchCallsRequest>(test.request), test.field) << test.request;
    EXPECT_EQ(Find<v1::ListTerminationsRequest>(test.request), test.field) << test.request;
  }
}

TEST(FindPersonalMatch, PoliciesOfTheRequestAreTriedOnRealCallsOnly) {
  const std::string policy = "candidate_policies { rules { match { from_uri { prefix: 'a' } } } }";
  EXPECT_EQ(Find<v1::ExplainCancelPolicyRequest>("call: 'calls/a' " + policy),
            "candidate_policies[0].rules[0].match.from_uri");
  EXPECT_EQ(Find<v1::ExplainCancelPolicyRequest>("hypothetical_call {} " + policy), "");
}

}  // namespace
}  // namespace adieu::api
