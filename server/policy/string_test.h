#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adieu/v1/match.pb.h"
#include "server/base/error.h"

namespace re2 {
class RE2;
}

namespace adieu::policy {

// A compiled StringMatch. Immutable, cheap to copy, any thread. Pure.
class StringTest {
 public:
  // `path`: of the StringMatch. Errors are INVALID_FIELD.
  static base::Result<StringTest> Compile(const v1::StringMatch& match, const std::string& path);

  // Whether the whole text matches.
  bool Matches(std::string_view text) const;

  // Whether an absent text matches: only for an empty `exact`.
  bool MatchesAbsent() const;

  // How large its expression is, in instructions of RE2 of about 16 bytes; zero: it has none.
  int ExpressionSize() const;

  // What it asks for, in short: `prefix "Linphone" ignoring case`.
  std::string ToString() const;

 private:
  StringTest() = default;

  v1::StringMatch::PatternCase kind_ = v1::StringMatch::PATTERN_NOT_SET;
  std::string pattern_;
  bool ignore_case_ = false;
  // Set for `regex` only. Shared, because an RE2 cannot be copied.
  std::shared_ptr<const re2::RE2> regex_;
  // Lower-case ASCII texts of which each text that matches `regex` has at least one; empty: none are known.
  // To look for them takes a tenth of the time of the expression, whose automaton is seldom in the cache.
  std::vector<std::string> atoms_;
};

}  // namespace adieu::policy
