#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <variant>

#include "adieu/v1/call.pb.h"
#include "adieu/v1/match.pb.h"
#include "server/base/address.h"
#include "server/base/error.h"
#include "server/policy/string_test.h"

namespace adieu::policy {

// The leaves of a compiled CallMatch. Each tells whether it holds for a call, what it asks for in short
// (`prefix "Linphone"`), and which value of the call it tests; empty: the call has none. Immutable. Pure.

// The call that is asked about.
struct Subject {
  const v1::Call& call;
  std::chrono::system_clock::time_point now;
};

struct EveryCallLeaf {
  bool Holds(const Subject&) const { return true; }
  std::string Condition() const { return {}; }
  std::string Tested(const Subject&) const { return {}; }
};

// `names` and `sip_call_ids`.
struct ListLeaf {
  std::unordered_set<std::string> values;
  bool of_legs = false;  // the Call-IDs of the legs, not the call's name

  bool Holds(const Subject& subject) const;
  std::string Condition() const;
  std::string Tested(const Subject& subject) const;
};

struct StateLeaf {
  v1::CallState state;

  bool Holds(const Subject& subject) const { return subject.call.state() == state; }
  std::string Condition() const { return v1::CallState_Name(state); }
  std::string Tested(const Subject& subject) const { return v1::CallState_Name(subject.call.state()); }
};

// A StringMatch of one text of the call.
struct TextLeaf {
  // No value: the call has no such text.
  std::optional<std::string_view> (*read)(const v1::Call&);
  StringTest test;

  bool Holds(const Subject& subject) const;
  std::string Condition() const { return test.ToString(); }
  std::string Tested(const Subject& subject) const { return std::string(read(subject.call).value_or("")); }
};

struct NetworkLeaf {
  base::Network network;

  bool Holds(const Subject& subject) const;
  std::string Condition() const { return network.ToString(); }
  std::string Tested(const Subject& subject) const { return subject.call.caller().remote_address(); }
};

struct HeaderLeaf {
  std::string name;
  // No value: the header must be there.
  std::optional<StringTest> test;

  bool Holds(const Subject& subject) const;
  std::string Condition() const;
  std::string Tested(const Subject& subject) const;
};

struct LabelLeaf {
  std::string key;
  // No value: the label must be there.
  std::optional<StringTest> test;

  bool Holds(const Subject& subject) const;
  std::string Condition() const;
  std::string Tested(const Subject& subject) const;
};

struct MinAgeLeaf {
  // Not negative.
  std::chrono::seconds seconds;
  std::chrono::nanoseconds rest;

  bool Holds(const Subject& subject) const;
  std::string Condition() const;
  std::string Tested(const Subject& subject) const;
};

struct FarEndStatusLeaf {
  int min;
  int max;

  bool Holds(const Subject& subject) const;
  std::string Condition() const;
  std::string Tested(const Subject& subject) const;
};

struct FarEndReasonLeaf {
  std::string_view protocol;
  int cause;

  bool Holds(const Subject& subject) const;
  std::string Condition() const;
  std::string Tested(const Subject& subject) const;
};

using MatchLeaf = std::variant<EveryCallLeaf, ListLeaf, StateLeaf, TextLeaf, NetworkLeaf, HeaderLeaf,
                               LabelLeaf, MinAgeLeaf, FarEndStatusLeaf, FarEndReasonLeaf>;

// How large its expression is (string_test.h); zero: it has none.
int ExpressionSize(const MatchLeaf& leaf);

// Checks the limits of match.proto for a node that is neither all_of, any_of nor none_of, and compiles it.
// `path`: of the CallMatch; errors are INVALID_FIELD.
base::Result<MatchLeaf> CompileLeaf(const v1::CallMatch& match, const std::string& path);

}  // namespace adieu::policy
