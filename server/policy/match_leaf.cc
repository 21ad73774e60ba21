#include "server/policy/match_leaf.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "server/policy/ascii.h"
#include "server/policy/reason_header.h"

namespace adieu::policy {
namespace {

// With or without a port; an IPv4 address in IPv6 form is an IPv4 address.
std::optional<base::IpAddress> AddressIn(const std::string& remote_address) {
  const auto parts = base::ParseHostPort(remote_address);
  const auto address = base::ParseIp(parts ? parts->host : remote_address);
  return address ? std::optional(base::Unmapped(*address)) : std::nullopt;
}

void Append(std::string& list, std::string_view value) {
  if (!list.empty()) list += ", ";
  list += value;
}

// `X-Tenant prefix "blue"`; without a test `X-Tenant is there`.
std::string Named(const std::string& name, const std::optional<StringTest>& test) {
  return name + ' ' + (test ? test->ToString() : "is there");
}

using Age = std::pair<std::chrono::seconds, std::chrono::nanoseconds>;

// No value: it is not known when the call began.
std::optional<Age> AgeOf(const Subject& subject) {
  if (!subject.call.has_create_time()) return std::nullopt;
  const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(subject.now.time_since_epoch());
  const auto whole = std::chrono::floor<std::chrono::seconds>(now);
  Age age = {whole - std::chrono::seconds(subject.call.create_time().seconds()),
             now - whole - std::chrono::nanoseconds(subject.call.create_time().nanos())};
  if (age.second.count() < 0)
    age = {age.first - std::chrono::seconds(1), age.second + std::chrono::seconds(1)};
  return age;
}

// `9s` or `9.500s`: milliseconds are enough for a person.
std::string ToString(const Age& age) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(age.second).count();
  std::array<char, 40> text{};
  if (milliseconds == 0) {
    std::snprintf(text.data(), text.size(), "%llds", static_cast<long long>(age.first.count()));
  } else {
    std::snprintf(text.data(), text.size(), "%lld.%03llds", static_cast<long long>(age.first.count()),
                  static_cast<long long>(milliseconds));
  }
  return text.data();
}

}  // namespace

bool ListLeaf::Holds(const Subject& subject) const {
  const v1::Call& call = subject.call;
  if (!of_legs) return values.contains(call.name());
  return values.contains(call.caller().sip_call_id()) ||
         (call.has_callee() && values.contains(call.callee().sip_call_id()));
}

std::string ListLeaf::Condition() const {
  constexpr size_t kShown = 3;
  std::vector<std::string_view> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  std::string condition;
  for (size_t i = 0; i < std::min(kShown, sorted.size()); ++i) Append(condition, sorted[i]);
  if (sorted.size() > kShown) condition += " and " + std::to_string(sorted.size() - kShown) + " more";
  return "one of " + condition;
}

std::string ListLeaf::Tested(const Subject& subject) const {
  if (!of_legs) return subject.call.name();
  std::string tested = subject.call.caller().sip_call_id();
  if (subject.call.has_callee()) Append(tested, subject.call.callee().sip_call_id());
  return tested;
}

bool TextLeaf::Holds(const Subject& subject) const {
  const std::optional<std::string_view> text = read(subject.call);
  return text ? test.Matches(*text) : test.MatchesAbsent();
}

bool NetworkLeaf::Holds(const Subject& subject) const {
  const auto address = AddressIn(subject.call.caller().remote_address());
  return address && network.Contains(*address);
}

bool HeaderLeaf::Holds(const Subject& subject) const {
  bool present = false;
  for (const v1::Header& header : subject.call.caller().headers()) {
    if (!EqualIgnoringCase(header.name(), name)) continue;
    if (!test || test->Matches(header.value())) return true;
    present = true;
  }
  return !present && test && test->MatchesAbsent();
}

std::string HeaderLeaf::Condition() const { return Named(name, test); }

std::string HeaderLeaf::Tested(const Subject& subject) const {
  std::string tested;
  for (const v1::Header& header : subject.call.caller().headers()) {
    if (EqualIgnoringCase(header.name(), name)) Append(tested, header.value());
  }
  return tested;
}

bool LabelLeaf::Holds(const Subject& subject) const {
  const auto label = subject.call.labels().find(key);
  if (label == subject.call.labels().end()) return test && test->MatchesAbsent();
  return !test || test->Matches(label->second);
}

std::string LabelLeaf::Condition() const { return Named(key, test); }

std::string LabelLeaf::Tested(const Subject& subject) const {
  const auto label = subject.call.labels().find(key);
  return label == subject.call.labels().end() ? std::string() : label->second;
}

bool MinAgeLeaf::Holds(const Subject& subject) const {
  const std::optional<Age> age = AgeOf(subject);
  return age && *age >= Age(seconds, rest);
}

std::string MinAgeLeaf::Condition() const { return ToString(Age(seconds, rest)); }

std::string MinAgeLeaf::Tested(const Subject& subject) const {
  const std::optional<Age> age = AgeOf(subject);
  return age ? ToString(*age) : std::string();
}

bool FarEndStatusLeaf::Holds(const Subject& subject) const {
  const int status = subject.call.callee().last_status_code();
  return status >= min && status <= max;
}

std::string FarEndStatusLeaf::Condition() const {
  return min == max ? std::to_string(min) : std::to_string(min) + '-' + std::to_string(max);
}

std::string FarEndStatusLeaf::Tested(const Subject& subject) const {
  const int status = subject.call.callee().last_status_code();
  return status == 0 ? std::string() : std::to_string(status);
}

bool FarEndReasonLeaf::Holds(const Subject& subject) const {
  for (const v1::Header& header : subject.call.callee().headers()) {
    if (!EqualIgnoringCase(header.name(), "Reason")) continue;
    for (const ReasonValue& value : ParseReasonHeader(header.value())) {
      if (value.cause == cause && EqualIgnoringCase(value.protocol, protocol)) return true;
    }
  }
  return false;
}

std::string FarEndReasonLeaf::Condition() const {
  return std::string(protocol) + ";cause=" + std::to_string(cause);
}

int ExpressionSize(const MatchLeaf& leaf) {
  if (const auto* text = std::get_if<TextLeaf>(&leaf)) return text->test.ExpressionSize();
  if (const auto* header = std::get_if<HeaderLeaf>(&leaf)) {
    return header->test ? header->test->ExpressionSize() : 0;
  }
  if (const auto* label = std::get_if<LabelLeaf>(&leaf))
    return label->test ? label->test->ExpressionSize() : 0;
  return 0;
}

std::string FarEndReasonLeaf::Tested(const Subject& subject) const {
  std::string tested;
  for (const v1::Header& header : subject.call.callee().headers()) {
    if (EqualIgnoringCase(header.name(), "Reason")) Append(tested, header.value());
  }
  return tested;
}

}  // namespace adieu::policy
