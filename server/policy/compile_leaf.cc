#include <cstdint>

#include "server/policy/match_leaf.h"
#include "server/policy/sip_uri.h"
#include "server/policy/text_check.h"

namespace adieu::policy {
namespace {

using Compiled = base::Result<MatchLeaf>;
using Text = std::optional<std::string_view>;

Text FromUri(const v1::Call& call) { return BareUri(call.caller().from_uri()); }
Text ToUri(const v1::Call& call) { return BareUri(call.caller().to_uri()); }
Text RequestUri(const v1::Call& call) { return BareUri(call.caller().request_uri()); }
Text CallerUserAgent(const v1::Call& call) { return call.caller().user_agent(); }
Text CalleeUserAgent(const v1::Call& call) { return call.callee().user_agent(); }
Text Route(const v1::Call& call) { return call.route(); }
Text Target(const v1::Call& call) {
  if (call.callee().request_uri().empty()) return std::nullopt;
  return BareUri(call.callee().request_uri());
}

Compiled CompileText(const v1::StringMatch& match, const std::string& path, Text (*read)(const v1::Call&)) {
  auto test = StringTest::Compile(match, path);
  if (!test.ok()) return test.error();
  return MatchLeaf(TextLeaf{.read = read, .test = *test});
}

Compiled CompileList(const v1::StringList& list, bool of_legs, const std::string& path) {
  const std::string values = Join(path, "values");
  if (list.values().empty()) return base::InvalidField(values, "must have at least one value");
  for (int i = 0; i < list.values_size(); ++i) {
    if (list.values(i).empty()) return base::InvalidField(At(values, i), "must not be empty");
  }
  return MatchLeaf(ListLeaf{.values = {list.values().begin(), list.values().end()}, .of_legs = of_legs});
}

Compiled CompileState(v1::CallState state, const std::string& path) {
  if (state == v1::CALL_STATE_UNSPECIFIED || !v1::CallState_IsValid(state)) {
    return base::InvalidField(path, "must be a state other than CALL_STATE_UNSPECIFIED");
  }
  return MatchLeaf(StateLeaf{state});
}

Compiled CompileNetwork(const std::string& cidr, const std::string& path) {
  const auto network = base::ParseNetwork(cidr);
  if (!network) return base::InvalidField(path, "must be a network in CIDR form, as 192.0.2.0/24");
  return MatchLeaf(NetworkLeaf{*network});
}

// A StringMatch that may be absent, which means: any text.
base::Result<std::optional<StringTest>> CompileValue(bool has_value, const v1::StringMatch& value,
                                                     const std::string& path) {
  if (!has_value) return std::optional<StringTest>();
  auto test = StringTest::Compile(value, path);
  if (!test.ok()) return test.error();
  return std::optional<StringTest>(*test);
}

Compiled CompileHeader(const v1::HeaderMatch& match, const std::string& path) {
  if (!IsToken(match.name()))
    return base::InvalidField(Join(path, "name"), "must be a token (RFC 3261 25.1)");
  auto value = CompileValue(match.has_value(), match.value(), Join(path, "value"));
  if (!value.ok()) return value.error();
  return MatchLeaf(HeaderLeaf{.name = match.name(), .test = *value});
}

Compiled CompileLabel(const v1::LabelMatch& match, const std::string& path) {
  if (match.key().empty()) return base::InvalidField(Join(path, "key"), "is required");
  auto value = CompileValue(match.has_value(), match.value(), Join(path, "value"));
  if (!value.ok()) return value.error();
  return MatchLeaf(LabelLeaf{.key = match.key(), .test = *value});
}

Compiled CompileMinAge(const google::protobuf::Duration& min_age, const std::string& path) {
  constexpr int64_t kMaxSeconds = 315'576'000'000;  // of a google.protobuf.Duration
  const bool valid = min_age.seconds() >= 0 && min_age.seconds() <= kMaxSeconds && min_age.nanos() >= 0 &&
                     min_age.nanos() <= 999'999'999;
  if (!valid) return base::InvalidField(path, "must not be negative");
  return MatchLeaf(
      MinAgeLeaf{std::chrono::seconds(min_age.seconds()), std::chrono::nanoseconds(min_age.nanos())});
}

Compiled CompileFarEndStatus(const v1::StatusRange& range, const std::string& path) {
  const int min = range.min();
  const int max = range.max() == 0 ? min : range.max();
  if (min < 300 || min > 699) return base::InvalidField(Join(path, "min"), "must be 300-699");
  if (max < min || max > 699)
    return base::InvalidField(Join(path, "max"), "must be 300-699 and not below min");
  return MatchLeaf(FarEndStatusLeaf{.min = min, .max = max});
}

Compiled CompileFarEndReason(const v1::FarEndReason& reason, const std::string& path) {
  switch (reason.cause_case()) {
    case v1::FarEndReason::kSipStatus:
      if (reason.sip_status() < 100 || reason.sip_status() > 699) {
        return base::InvalidField(Join(path, "sip_status"), "must be 100-699");
      }
      return MatchLeaf(FarEndReasonLeaf{.protocol = "SIP", .cause = reason.sip_status()});
    case v1::FarEndReason::kQ850Cause:
      if (reason.q850_cause() < 1 || reason.q850_cause() > 127) {
        return base::InvalidField(Join(path, "q850_cause"), "must be 1-127");
      }
      return MatchLeaf(FarEndReasonLeaf{.protocol = "Q.850", .cause = reason.q850_cause()});
    case v1::FarEndReason::CAUSE_NOT_SET:
      break;
  }
  return base::InvalidField(path, "exactly one of sip_status and q850_cause must be set");
}

}  // namespace

base::Result<MatchLeaf> CompileLeaf(const v1::CallMatch& match, const std::string& path) {
  const auto field = [&path](std::string_view name) { return Join(path, name); };
  switch (match.node_case()) {
    case v1::CallMatch::kEveryCall:
      return MatchLeaf(EveryCallLeaf());
    case v1::CallMatch::kNames:
      return CompileList(match.names(), false, field("names"));
    case v1::CallMatch::kSipCallIds:
      return CompileList(match.sip_call_ids(), true, field("sip_call_ids"));
    case v1::CallMatch::kState:
      return CompileState(match.state(), field("state"));
    case v1::CallMatch::kFromUri:
      return CompileText(match.from_uri(), field("from_uri"), FromUri);
    case v1::CallMatch::kToUri:
      return CompileText(match.to_uri(), field("to_uri"), ToUri);
    case v1::CallMatch::kRequestUri:
      return CompileText(match.request_uri(), field("request_uri"), RequestUri);
    case v1::CallMatch::kCallerUserAgent:
      return CompileText(match.caller_user_agent(), field("caller_user_agent"), CallerUserAgent);
    case v1::CallMatch::kCalleeUserAgent:
      return CompileText(match.callee_user_agent(), field("callee_user_agent"), CalleeUserAgent);
    case v1::CallMatch::kCallerNetwork:
      return CompileNetwork(match.caller_network(), field("caller_network"));
    case v1::CallMatch::kRoute:
      return CompileText(match.route(), field("route"), Route);
    case v1::CallMatch::kTarget:
      return CompileText(match.target(), field("target"), Target);
    case v1::CallMatch::kHeader:
      return CompileHeader(match.header(), field("header"));
    case v1::CallMatch::kLabel:
      return CompileLabel(match.label(), field("label"));
    case v1::CallMatch::kMinAge:
      return CompileMinAge(match.min_age(), field("min_age"));
    case v1::CallMatch::kFarEndStatus:
      return CompileFarEndStatus(match.far_end_status(), field("far_end_status"));
    case v1::CallMatch::kFarEndReason:
      return CompileFarEndReason(match.far_end_reason(), field("far_end_reason"));
    default:
      return base::InvalidField(path, "exactly one node must be set");
  }
}

}  // namespace adieu::policy
