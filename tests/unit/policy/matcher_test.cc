#include "server/policy/matcher.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/policy/textproto.h"

namespace adieu::policy {
namespace {

using std::chrono::system_clock;

const system_clock::time_point kNow{std::chrono::seconds(1'700'000'000) + std::chrono::milliseconds(250)};

v1::Call TheCall() {
  return Parse<v1::Call>(R"pb(
    name: "calls/abc"
    state: CALL_STATE_RINGING
    caller {
      sip_call_id: "id-1@phone"
      from_uri: "sip:alice@example.com"
      to_uri: "sip:+4930123456@pbx.example:5070"
      request_uri: "sip:+4930123456@192.0.2.9:5070"
      user_agent: "Linphone/5.1"
      remote_address: "192.0.2.7:5060"
      headers { name: "X-Tenant" value: "blue" }
      headers { name: "X-Tenant" value: "Green" }
      headers { name: "Subject" value: "" }
    }
    route: "parking"
    labels { key: "queue" value: "support" }
    create_time { seconds: 1699999990 nanos: 750000000 }
  )pb");
}

struct Case {
  std::string match;
  bool matches;
};

void ExpectAll(const v1::Call& call, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    auto matcher = Matcher::Compile(Parse<v1::CallMatch>(c.match), "match");
    ASSERT_TRUE(matcher.ok()) << c.match << ": " << matcher.error().message;
    EXPECT_EQ(matcher->Matches(call, kNow), c.matches) << c.match;
  }
}

TEST(MatcherTest, Leaves) {
  ExpectAll(TheCall(), {{"every_call {}", true},
                        {"names { values: 'calls/x' values: 'calls/abc' }", true},
                        {"names { values: 'calls/ab' }", false},
                        {"sip_call_ids { values: 'id-1@phone' }", true},
                        {"sip_call_ids { values: 'ID-1@phone' }", false},
                        {"state: CALL_STATE_RINGING", true},
                        {"state: CALL_STATE_ANSWERED", false},
                        {"from_uri { exact: 'sip:alice@example.com' }", true},
                        {"to_uri { prefix: 'sip:+4930' }", true},
                        {"to_uri { suffix: ':5070' }", true},
                        {"request_uri { contains: '@192.0.2.9' }", true},
                        {"caller_user_agent { regex: 'Linphone/[45].*' }", true},
                        {"callee_user_agent { exact: '' }", true},
                        {"callee_user_agent { prefix: 'x' }", false},
                        {"route { exact: 'parking' }", true},
                        {"route { exact: '' }", false},
                        {"target { regex: '.*' }", false},
                        {"target { exact: '' }", true},
                        {"far_end_status { min: 486 }", false},
                        {"far_end_reason { q850_cause: 16 }", false}});
}

TEST(MatcherTest, Strings) {
  ExpectAll(TheCall(), {{"caller_user_agent { exact: 'linphone/5.1' }", false},
                        {"caller_user_agent { exact: 'linphone/5.1' ignore_case: true }", true},
                        {"caller_user_agent { exact: 'Linphone' }", false},
                        {"caller_user_agent { prefix: 'linPHONE' ignore_case: true }", true},
                        {"caller_user_agent { suffix: 'E/5.1' ignore_case: true }", true},
                        {"caller_user_agent { suffix: 'Linphone/5.1 and more' }", false},
                        {"caller_user_agent { contains: 'PHONE' }", false},
                        {"caller_user_agent { contains: 'PHONE' ignore_case: true }", true},
                        {"caller_user_agent { contains: 'baresip' ignore_case: true }", false},
                        {"caller_user_agent { regex: 'Linphone' }", false},
                        {"caller_user_agent { regex: 'linphone/.*' ignore_case: true }", true},
                        {"caller_user_agent { regex: 'x|Linphone/5.1' }", true}});
}

TEST(MatcherTest, UrisWithDisplayNamesAndParameters) {
  v1::Call call = TheCall();
  call.mutable_caller()->set_from_uri("\"Alice\" <sip:alice@example.com;transport=tcp>;tag=1");
  ExpectAll(call, {{"from_uri { exact: 'sip:alice@example.com' }", true}});
}

TEST(MatcherTest, Networks) {
  ExpectAll(TheCall(), {{"caller_network: '192.0.2.0/24'", true},
                        {"caller_network: '192.0.2.7/32'", true},
                        {"caller_network: '192.0.2.99/24'", true},
                        {"caller_network: '192.0.2.8/29'", false},
                        {"caller_network: '192.0.2.0/29'", true},
                        {"caller_network: '0.0.0.0/0'", true},
                        {"caller_network: '::/0'", false},
                        {"caller_network: '2001:db8::/32'", false}});
  v1::Call call = TheCall();
  call.mutable_caller()->set_remote_address("[2001:db8:5::1]:5060");
  ExpectAll(call, {{"caller_network: '2001:db8::/32'", true},
                   {"caller_network: '2001:db8:5::1/128'", true},
                   {"caller_network: '2001:db8:4::/47'", true},
                   {"caller_network: '2001:db8:6::/47'", false},
                   {"caller_network: '::/0'", true},
                   {"caller_network: '0.0.0.0/0'", false}});
  for (const std::string address : {"", "[", "[]", "phone.example:5060", "192.0.2.7.1:5060"}) {
    call.mutable_caller()->set_remote_address(address);
    ExpectAll(call, {{"caller_network: '0.0.0.0/0'", false}, {"caller_network: '::/0'", false}});
  }
  for (const std::string address : {"192.0.2.7", "[::ffff:192.0.2.7]:5060", "::ffff:192.0.2.7"}) {
    call.mutable_caller()->set_remote_address(address);
    ExpectAll(call, {{"caller_network: '192.0.2.0/24'", true}});
  }
}

TEST(MatcherTest, HeadersAndLabels) {
  ExpectAll(TheCall(), {{"header { name: 'x-tenant' }", true},
                        {"header { name: 'X-Tenant' value { exact: 'Green' } }", true},
                        {"header { name: 'X-Tenant' value { exact: 'red' } }", false},
                        {"header { name: 'X-Tenant' value { exact: '' } }", false},
                        {"header { name: 'Subject' value { exact: '' } }", true},
                        {"header { name: 'X-None' }", false},
                        {"header { name: 'X-None' value { exact: '' } }", true},
                        {"header { name: 'X-None' value { regex: '.*' } }", false},
                        {"label { key: 'queue' }", true},
                        {"label { key: 'Queue' }", false},
                        {"label { key: 'queue' value { prefix: 'sup' } }", true},
                        {"label { key: 'queue' value { prefix: 'sales' } }", false},
                        {"label { key: 'none' value { exact: '' } }", true}});
}

// The call is 9.5 s old.
TEST(MatcherTest, Age) {
  ExpectAll(TheCall(), {{"min_age {}", true},
                        {"min_age { seconds: 9 }", true},
                        {"min_age { seconds: 9 nanos: 500000000 }", true},
                        {"min_age { seconds: 9 nanos: 500000001 }", false},
                        {"min_age { seconds: 315576000000 }", false}});
  v1::Call call = TheCall();
  call.clear_create_time();
  ExpectAll(call, {{"min_age {}", false}});
}

TEST(MatcherTest, FarEnd) {
  v1::Call call = TheCall();
  call.mutable_callee()->set_last_status_code(486);
  call.mutable_callee()->set_user_agent("snom");
  call.mutable_callee()->set_sip_call_id("id-2");
  ExpectAll(call, {{"far_end_status { min: 486 }", true},
                   {"far_end_status { min: 400 max: 499 }", true},
                   {"far_end_status { min: 487 max: 699 }", false},
                   {"far_end_status { min: 480 }", false},
                   {"callee_user_agent { exact: 'snom' }", true},
                   {"sip_call_ids { values: 'id-2' }", true}});
}

TEST(MatcherTest, FarEndReason) {
  v1::Call call = TheCall();
  v1::Header* header = call.mutable_callee()->add_headers();
  header->set_name("reason");
  header->set_value("SIP;cause=480;text=\"x, Q.850;cause=17\", q.850;cause=16");
  header = call.mutable_callee()->add_headers();
  header->set_name("Reason");
  header->set_value("Q.850;cause=31");
  header = call.mutable_callee()->add_headers();
  header->set_name("X-Reason");
  header->set_value("Q.850;cause=21");
  ExpectAll(call, {{"far_end_reason { q850_cause: 16 }", true},
                   {"far_end_reason { q850_cause: 31 }", true},
                   {"far_end_reason { sip_status: 480 }", true},
                   {"far_end_reason { q850_cause: 17 }", false},
                   {"far_end_reason { q850_cause: 21 }", false},
                   {"far_end_reason { sip_status: 486 }", false}});
  // The caller's is another one.
  v1::Call other = TheCall();
  *other.mutable_caller()->mutable_headers() = call.callee().headers();
  ExpectAll(other, {{"far_end_reason { q850_cause: 16 }", false}});
}

TEST(MatcherTest, Trees) {
  const std::string yes = "matches { every_call {} } ";
  const std::string no = "matches { state: CALL_STATE_ANSWERED } ";
  ExpectAll(TheCall(),
            {{"all_of { " + yes + yes + "}", true},
             {"all_of { " + yes + no + "}", false},
             {"any_of { " + no + yes + "}", true},
             {"any_of { " + no + no + "}", false},
             {"none_of { " + no + no + "}", true},
             {"none_of { " + no + yes + "}", false},
             {"all_of { matches { none_of { " + no + "} } matches { any_of { " + yes + "} } }", true}});
}

struct Refusal {
  std::string match;
  std::string field;
};

TEST(MatcherTest, Refused) {
  const Refusal cases[] = {
      {"", "match"},
      {"all_of {}", "match.all_of.matches"},
      {"any_of { matches {} }", "match.any_of.matches[0]"},
      {"none_of { matches { every_call {} } matches { all_of {} } }",
       "match.none_of.matches[1].all_of.matches"},
      {"names {}", "match.names.values"},
      {"names { values: 'a' values: '' }", "match.names.values[1]"},
      {"sip_call_ids {}", "match.sip_call_ids.values"},
      {"state: CALL_STATE_UNSPECIFIED", "match.state"},
      {"from_uri {}", "match.from_uri"},
      {"from_uri { prefix: '' }", "match.from_uri.prefix"},
      {"to_uri { suffix: '' }", "match.to_uri.suffix"},
      {"route { contains: '' }", "match.route.contains"},
      {"target { regex: '' }", "match.target.regex"},
      {"request_uri { regex: '(' }", "match.request_uri.regex"},
      {"request_uri { regex: '(?=a)' }", "match.request_uri.regex"},
      {"request_uri { regex: '" + std::string(1025, 'a') + "' }", "match.request_uri.regex"},
      {"request_uri { regex: '((((.{100}){100}){100}){100})' }", "match.request_uri.regex"},
      {"caller_user_agent { ignore_case: true }", "match.caller_user_agent"},
      {"callee_user_agent { regex: '[' }", "match.callee_user_agent.regex"},
      {"caller_network: ''", "match.caller_network"},
      {"caller_network: '192.0.2.1'", "match.caller_network"},
      {"caller_network: '192.0.2.0/33'", "match.caller_network"},
      {"caller_network: '192.0.2.0/'", "match.caller_network"},
      {"caller_network: '192.0.2.0/-1'", "match.caller_network"},
      {"caller_network: '2001:db8::/129'", "match.caller_network"},
      {"caller_network: 'example.com/24'", "match.caller_network"},
      {"header {}", "match.header.name"},
      {"header { name: 'a b' }", "match.header.name"},
      {"header { name: 'a' value {} }", "match.header.value"},
      {"label {}", "match.label.key"},
      {"label { key: 'a' value { regex: '(' } }", "match.label.value.regex"},
      {"min_age { seconds: -1 }", "match.min_age"},
      {"min_age { nanos: -1 }", "match.min_age"},
      {"far_end_status {}", "match.far_end_status.min"},
      {"far_end_status { min: 299 }", "match.far_end_status.min"},
      {"far_end_status { min: 500 max: 499 }", "match.far_end_status.max"},
      {"far_end_status { min: 500 max: 700 }", "match.far_end_status.max"},
      {"far_end_reason {}", "match.far_end_reason"},
      {"far_end_reason { sip_status: 99 }", "match.far_end_reason.sip_status"},
      {"far_end_reason { q850_cause: 128 }", "match.far_end_reason.q850_cause"},
  };
  for (const Refusal& c : cases) {
    auto matcher = Matcher::Compile(Parse<v1::CallMatch>(c.match), "match");
    ASSERT_FALSE(matcher.ok()) << c.match;
    EXPECT_TRUE(matcher.error().code == absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(matcher.error().violations.at(0).field, c.field) << c.match;
  }
}

v1::CallMatch Nested(int depth) {
  v1::CallMatch match;
  match.mutable_every_call();
  for (int i = 1; i < depth; ++i) {
    v1::CallMatch outer;
    *outer.mutable_all_of()->add_matches() = match;
    match = outer;
  }
  return match;
}

TEST(MatcherTest, SizeLimits) {
  EXPECT_TRUE(Matcher::Compile(Nested(8), "match").ok());
  EXPECT_FALSE(Matcher::Compile(Nested(9), "match").ok());
  EXPECT_FALSE(Matcher::Compile(Nested(80), "match").ok());
  v1::CallMatch wide;
  for (int i = 0; i < 63; ++i) wide.mutable_any_of()->add_matches()->mutable_every_call();
  EXPECT_TRUE(Matcher::Compile(wide, "match").ok());
  wide.mutable_any_of()->add_matches()->mutable_every_call();
  EXPECT_FALSE(Matcher::Compile(wide, "match").ok());
}

TEST(MatcherTest, CopiesShareTheTest) {
  Matcher original = Matcher::Every();
  const Matcher copy = original;
  original = *Matcher::Compile(Parse<v1::CallMatch>("names { values: 'calls/x' }"), "match");
  EXPECT_TRUE(copy.Matches(TheCall(), kNow));
  EXPECT_FALSE(original.Matches(TheCall(), kNow));
}

}  // namespace
}  // namespace adieu::policy
