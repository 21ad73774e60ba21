#include "server/policy/string_test.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>

#include "server/policy/ascii.h"
#include "server/policy/text_check.h"

namespace adieu::policy {
namespace {

constexpr size_t kMaxRegexBytes = 1024;
// What one expression may take, its automata included.
constexpr int64_t kMaxRegexMemory = 1 << 20;

const std::string& PatternOf(const v1::StringMatch& match) {
  switch (match.pattern_case()) {
    case v1::StringMatch::kPrefix:
      return match.prefix();
    case v1::StringMatch::kSuffix:
      return match.suffix();
    case v1::StringMatch::kContains:
      return match.contains();
    case v1::StringMatch::kRegex:
      return match.regex();
    default:
      return match.exact();
  }
}

std::string_view NameOf(v1::StringMatch::PatternCase kind) {
  switch (kind) {
    case v1::StringMatch::kExact:
      return "exact";
    case v1::StringMatch::kPrefix:
      return "prefix";
    case v1::StringMatch::kSuffix:
      return "suffix";
    case v1::StringMatch::kContains:
      return "contains";
    case v1::StringMatch::kRegex:
      return "regex";
    case v1::StringMatch::PATTERN_NOT_SET:
      break;
  }
  return {};
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::vector<std::string> AtomsOf(const std::string& expression, const re2::RE2::Options& options) {
  constexpr int kMinAtomBytes = 3;
  re2::FilteredRE2 filter(kMinAtomBytes);
  std::vector<std::string> atoms;
  int id = 0;
  if (filter.Add(expression, options, &id) == re2::RE2::NoError) filter.Compile(&atoms);
  if (!std::all_of(atoms.begin(), atoms.end(), IsAscii)) atoms.clear();
  return atoms;
}

// Whether the text may match an expression with these atoms. They were folded as Unicode says, which is not
// done here: any other text than ASCII may match.
bool MayMatch(std::string_view text, const std::vector<std::string>& atoms) {
  return atoms.empty() || !IsAscii(text) || std::any_of(atoms.begin(), atoms.end(), [&](const auto& atom) {
           return FindIgnoringCase(text, atom) != std::string_view::npos;
         });
}

}  // namespace

base::Result<StringTest> StringTest::Compile(const v1::StringMatch& match, const std::string& path) {
  StringTest test;
  test.kind_ = match.pattern_case();
  test.ignore_case_ = match.ignore_case();
  const std::string_view field = NameOf(test.kind_);
  if (field.empty()) {
    return base::InvalidField(path, "exactly one of exact, prefix, suffix, contains and regex must be set");
  }
  test.pattern_ = PatternOf(match);
  if (test.pattern_.empty() && !match.has_exact()) {
    return base::InvalidField(Join(path, field), "must not be empty");
  }
  if (!match.has_regex()) return test;

  if (test.pattern_.size() > kMaxRegexBytes) {
    return base::InvalidField(Join(path, field),
                              "must be at most 1024 bytes, is " + std::to_string(test.pattern_.size()));
  }
  re2::RE2::Options options;
  options.set_max_mem(kMaxRegexMemory);
  options.set_case_sensitive(!match.ignore_case());
  options.set_log_errors(false);
  auto regex = std::make_shared<const re2::RE2>(test.pattern_, options);
  if (!regex->ok()) return base::InvalidField(Join(path, field), "is no RE2 expression: " + regex->error());
  test.regex_ = std::move(regex);
  test.atoms_ = AtomsOf(test.pattern_, options);
  return test;
}

bool StringTest::Matches(std::string_view text) const {
  if (regex_) {
    return MayMatch(text, atoms_) && re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *regex_);
  }
  if (kind_ == v1::StringMatch::kContains) {
    return (ignore_case_ ? FindIgnoringCase(text, pattern_) : text.find(pattern_)) != std::string_view::npos;
  }
  if (kind_ == v1::StringMatch::kExact ? text.size() != pattern_.size() : text.size() < pattern_.size()) {
    return false;
  }
  const std::string_view part = kind_ == v1::StringMatch::kSuffix ? text.substr(text.size() - pattern_.size())
                                                                  : text.substr(0, pattern_.size());
  return ignore_case_ ? EqualIgnoringCase(part, pattern_) : part == pattern_;
}

int StringTest::ExpressionSize() const { return regex_ ? regex_->ProgramSize() : 0; }

std::string StringTest::ToString() const {
  return std::string(NameOf(kind_)) + " \"" + pattern_ + '"' + (ignore_case_ ? " ignoring case" : "");
}

bool StringTest::MatchesAbsent() const { return kind_ == v1::StringMatch::kExact && pattern_.empty(); }

}  // namespace adieu::policy
