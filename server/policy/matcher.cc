#include "server/policy/matcher.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "server/base/address.h"
#include "server/policy/ascii.h"
#include "server/policy/reason_header.h"
#include "server/policy/sip_uri.h"
#include "server/policy/string_test.h"
#include "server/policy/text_check.h"

namespace adieu::policy {
namespace {

using TimePoint = std::chrono::system_clock::time_point;
using Test = std::function<bool(const v1::Call&, TimePoint)>;
using Compiled = base::Result<Test>;
// Reads the text of a call that a StringMatch tests; no value: the call has none.
using Reader = std::optional<std::string_view> (*)(const v1::Call&);

constexpr int kMaxNodes = 64;
constexpr int kMaxDepth = 8;

Test Everything() {
  return [](const v1::Call&, TimePoint) { return true; };
}

Compiled CompileText(const v1::StringMatch& match, const std::string& path, Reader read) {
  auto test = StringTest::Compile(match, path);
  if (!test.ok()) return test.error();
  return Test([test = *test, read](const v1::Call& call, TimePoint) {
    const std::optional<std::string_view> text = read(call);
    return text ? test.Matches(*text) : test.MatchesAbsent();
  });
}

using StringSet = std::unordered_set<std::string>;

base::Result<StringSet> CompileList(const v1::StringList& list, const std::string& path) {
  const std::string values = Join(path, "values");
  if (list.values().empty()) return base::InvalidField(values, "must have at least one value");
  for (int i = 0; i < list.values_size(); ++i) {
    if (list.values(i).empty()) return base::InvalidField(At(values, i), "must not be empty");
  }
  return StringSet(list.values().begin(), list.values().end());
}

Compiled CompileNames(const v1::StringList& list, const std::string& path) {
  auto names = CompileList(list, path);
  if (!names.ok()) return names.error();
  return Test([names = *names](const v1::Call& call, TimePoint) { return names.contains(call.name()); });
}

Compiled CompileSipCallIds(const v1::StringList& list, const std::string& path) {
  auto ids = CompileList(list, path);
  if (!ids.ok()) return ids.error();
  return Test([ids = *ids](const v1::Call& call, TimePoint) {
    return ids.contains(call.caller().sip_call_id()) ||
           (call.has_callee() && ids.contains(call.callee().sip_call_id()));
  });
}

Compiled CompileState(v1::CallState state, const std::string& path) {
  if (state == v1::CALL_STATE_UNSPECIFIED || !v1::CallState_IsValid(state)) {
    return base::InvalidField(path, "must be a state other than CALL_STATE_UNSPECIFIED");
  }
  return Test([state](const v1::Call& call, TimePoint) { return call.state() == state; });
}

// With or without a port; an IPv4 address in IPv6 form is an IPv4 address.
std::optional<base::IpAddress> AddressIn(const std::string& remote_address) {
  const auto parts = base::ParseHostPort(remote_address);
  const auto address = base::ParseIp(parts ? parts->host : remote_address);
  return address ? std::optional(base::Unmapped(*address)) : std::nullopt;
}

Compiled CompileNetwork(const std::string& cidr, const std::string& path) {
  const auto network = base::ParseNetwork(cidr);
  if (!network) return base::InvalidField(path, "must be a network in CIDR form, as 192.0.2.0/24");
  return Test([network = *network](const v1::Call& call, TimePoint) {
    const auto address = AddressIn(call.caller().remote_address());
    return address && network.Contains(*address);
  });
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
  return Test([name = match.name(), value = *value](const v1::Call& call, TimePoint) {
    bool present = false;
    for (const v1::Header& header : call.caller().headers()) {
      if (!EqualIgnoringCase(header.name(), name)) continue;
      if (!value || value->Matches(header.value())) return true;
      present = true;
    }
    return !present && value && value->MatchesAbsent();
  });
}

Compiled CompileLabel(const v1::LabelMatch& match, const std::string& path) {
  if (match.key().empty()) return base::InvalidField(Join(path, "key"), "is required");
  auto value = CompileValue(match.has_value(), match.value(), Join(path, "value"));
  if (!value.ok()) return value.error();
  return Test([key = match.key(), value = *value](const v1::Call& call, TimePoint) {
    const auto label = call.labels().find(key);
    if (label == call.labels().end()) return value && value->MatchesAbsent();
    return !value || value->Matches(label->second);
  });
}

Compiled CompileMinAge(const google::protobuf::Duration& min_age, const std::string& path) {
  constexpr int64_t kMaxSeconds = 315'576'000'000;  // of a google.protobuf.Duration
  const bool valid = min_age.seconds() >= 0 && min_age.seconds() <= kMaxSeconds && min_age.nanos() >= 0 &&
                     min_age.nanos() <= 999'999'999;
  if (!valid) return base::InvalidField(path, "must not be negative");
  const std::pair<int64_t, int64_t> least = {min_age.seconds(), min_age.nanos()};
  return Test([least](const v1::Call& call, TimePoint now) {
    if (!call.has_create_time()) return false;
    const int64_t total =
        std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count();
    constexpr int64_t kBillion = 1'000'000'000;
    std::pair<int64_t, int64_t> age = {total / kBillion - call.create_time().seconds(),
                                       total % kBillion - call.create_time().nanos()};
    if (age.second < 0) age = {age.first - 1, age.second + kBillion};
    return age >= least;
  });
}

Compiled CompileFarEndStatus(const v1::StatusRange& range, const std::string& path) {
  const int min = range.min();
  const int max = range.max() == 0 ? min : range.max();
  if (min < 300 || min > 699) return base::InvalidField(Join(path, "min"), "must be 300-699");
  if (max < min || max > 699)
    return base::InvalidField(Join(path, "max"), "must be 300-699 and not below min");
  return Test([min, max](const v1::Call& call, TimePoint) {
    const int status = call.callee().last_status_code();
    return status >= min && status <= max;
  });
}

// A Reason value of this protocol with this cause in the callee's failure.
Test FarEndReasonTest(std::string_view protocol, int cause) {
  return [protocol, cause](const v1::Call& call, TimePoint) {
    for (const v1::Header& header : call.callee().headers()) {
      if (!EqualIgnoringCase(header.name(), "Reason")) continue;
      for (const ReasonValue& value : ParseReasonHeader(header.value())) {
        if (value.cause == cause && EqualIgnoringCase(value.protocol, protocol)) return true;
      }
    }
    return false;
  };
}

Compiled CompileFarEndReason(const v1::FarEndReason& reason, const std::string& path) {
  switch (reason.cause_case()) {
    case v1::FarEndReason::kSipStatus:
      if (reason.sip_status() < 100 || reason.sip_status() > 699) {
        return base::InvalidField(Join(path, "sip_status"), "must be 100-699");
      }
      return FarEndReasonTest("SIP", reason.sip_status());
    case v1::FarEndReason::kQ850Cause:
      if (reason.q850_cause() < 1 || reason.q850_cause() > 127) {
        return base::InvalidField(Join(path, "q850_cause"), "must be 1-127");
      }
      return FarEndReasonTest("Q.850", reason.q850_cause());
    case v1::FarEndReason::CAUSE_NOT_SET:
      break;
  }
  return base::InvalidField(path, "exactly one of sip_status and q850_cause must be set");
}

std::optional<std::string_view> FromUri(const v1::Call& call) { return BareUri(call.caller().from_uri()); }
std::optional<std::string_view> ToUri(const v1::Call& call) { return BareUri(call.caller().to_uri()); }
std::optional<std::string_view> RequestUri(const v1::Call& call) {
  return BareUri(call.caller().request_uri());
}
std::optional<std::string_view> CallerUserAgent(const v1::Call& call) { return call.caller().user_agent(); }
std::optional<std::string_view> CalleeUserAgent(const v1::Call& call) { return call.callee().user_agent(); }
std::optional<std::string_view> Route(const v1::Call& call) { return call.route(); }
std::optional<std::string_view> Target(const v1::Call& call) {
  if (call.callee().request_uri().empty()) return std::nullopt;
  return BareUri(call.callee().request_uri());
}

// Walks a CallMatch and makes a test of each node.
class Compiler {
 public:
  // `depth`: of this node, the root's is 1.
  Compiled Compile(const v1::CallMatch& match, const std::string& path, int depth);

 private:
  using Branches = std::vector<Test>;
  using Quantifier = bool (*)(const Branches&, const v1::Call&, TimePoint);

  Compiled CompileBranches(const v1::CallMatchList& list, const std::string& path, int depth,
                           Quantifier holds);

  int nodes_ = 0;
};

Compiled Compiler::CompileBranches(const v1::CallMatchList& list, const std::string& path, int depth,
                                   Quantifier holds) {
  const std::string matches = Join(path, "matches");
  if (list.matches().empty()) return base::InvalidField(matches, "must have at least one match");
  Branches branches;
  for (int i = 0; i < list.matches_size(); ++i) {
    auto branch = Compile(list.matches(i), At(matches, i), depth + 1);
    if (!branch.ok()) return branch.error();
    branches.push_back(std::move(*branch));
  }
  return Test([branches = std::move(branches), holds](const v1::Call& call, TimePoint now) {
    return holds(branches, call, now);
  });
}

bool AllOf(const std::vector<Test>& branches, const v1::Call& call, TimePoint now) {
  return std::all_of(branches.begin(), branches.end(), [&](const Test& test) { return test(call, now); });
}

bool AnyOf(const std::vector<Test>& branches, const v1::Call& call, TimePoint now) {
  return std::any_of(branches.begin(), branches.end(), [&](const Test& test) { return test(call, now); });
}

bool NoneOf(const std::vector<Test>& branches, const v1::Call& call, TimePoint now) {
  return !AnyOf(branches, call, now);
}

Compiled Compiler::Compile(const v1::CallMatch& match, const std::string& path, int depth) {
  if (depth > kMaxDepth) return base::InvalidField(path, "must be at most 8 deep");
  if (++nodes_ > kMaxNodes) return base::InvalidField(path, "the match must have at most 64 nodes");
  const auto field = [&path](std::string_view name) { return Join(path, name); };
  switch (match.node_case()) {
    case v1::CallMatch::kAllOf:
      return CompileBranches(match.all_of(), field("all_of"), depth, AllOf);
    case v1::CallMatch::kAnyOf:
      return CompileBranches(match.any_of(), field("any_of"), depth, AnyOf);
    case v1::CallMatch::kNoneOf:
      return CompileBranches(match.none_of(), field("none_of"), depth, NoneOf);
    case v1::CallMatch::kEveryCall:
      return Everything();
    case v1::CallMatch::kNames:
      return CompileNames(match.names(), field("names"));
    case v1::CallMatch::kSipCallIds:
      return CompileSipCallIds(match.sip_call_ids(), field("sip_call_ids"));
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
    case v1::CallMatch::NODE_NOT_SET:
      break;
  }
  return base::InvalidField(path, "exactly one node must be set");
}

}  // namespace

Matcher::Matcher(Test test) : test_(std::make_shared<const Test>(std::move(test))) {}

base::Result<Matcher> Matcher::Compile(const v1::CallMatch& match, const std::string& path) {
  auto test = Compiler().Compile(match, path, 1);
  if (!test.ok()) return test.error();
  return Matcher(std::move(*test));
}

Matcher Matcher::Every() { return Matcher(Everything()); }

bool Matcher::Matches(const v1::Call& call, std::chrono::system_clock::time_point now) const {
  return (*test_)(call, now);
}

}  // namespace adieu::policy
