// docs/builtin-policy.md is made from the built-in policy: this test makes it again and compares. With
// ADIEU_WRITE_DOCS=1 in the environment it writes the file instead.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

#include "server/policy/builtin.h"
#include "server/policy/render.h"
#include "server/policy/shipped.h"
#include "tests/unit/base/source_file.h"
#include "tests/unit/policy/calls.h"

namespace adieu::policy {
namespace {

constexpr char kFile[] = "docs/builtin-policy.md";

constexpr char kHead[] = R"(# The built-in policy

`cancelPolicies/builtin` is asked last and has an answer for every call: what each intent becomes on the wire, and for
QUIET on which phone. It is read-only; a policy of yours is asked before it. `adieu policies get builtin -o yaml` prints
it whole, `adieu policies explain` tells which rule a call meets.

This page is made from [its file](../server/policy/shipped/builtin.textproto); a test fails when it is stale
(`ADIEU_WRITE_DOCS=1 build/dev/bin/policy_test --gtest_filter='BuiltinDoc*'` writes it).

The last column begins with how the ending is known:

| word | meaning |
|---|---|
| Measured | seen on the wire, heard in the recorded sound or read on the screen of this phone |
| Source | read in its source |
| Document | said by its maker, or by the RFC that is named |
| Assumed | nothing was found; the cautious choice |
)";

constexpr char kTail[] = R"(
Every BYE, whatever the intent, has `Q.850;cause=16;text="Normal call clearing"` unless the treatment gives
`bye_reasons`.
)";

// A text in a cell of a table.
std::string Cell(const std::string& text) {
  std::string cell;
  for (const char c : text) cell += c == '|' ? std::string("\\|") : std::string(1, c);
  return cell;
}

std::string Code(const std::string& text) { return '`' + Cell(text) + '`'; }

std::string Ending(const v1::Rule& rule) {
  if (rule.treatment().has_relay()) return "relay";
  if (rule.treatment().has_proceed()) return "proceed";
  if (rule.treatment().caller_case() == v1::Treatment::kAsIntent) {
    return "as " + v1::Intent_Name(rule.treatment().as_intent()).substr(7);
  }
  const Rendered rendered = Render(AnswerOf(rule, From("")));
  std::string ending = Code(std::to_string(rendered.status_code) + ' ' + rendered.reason_phrase);
  for (const v1::Header& header : rendered.headers) {
    ending += "<br>" + Code(header.name() + ": " + header.value());
  }
  return ending;
}

std::string CancelReason(const v1::Rule& rule) {
  const std::string reason = Render(rule.treatment()).cancel_reason;
  return reason.empty() ? "-" : Code(reason);
}

bool IsQuiet(const v1::Rule& rule) { return rule.intents_size() == 1 && rule.intents(0) == v1::INTENT_QUIET; }

std::string AskedBy(const v1::Rule& rule) {
  std::string asked;
  for (const int trigger : rule.triggers()) {
    asked += (asked.empty() ? "" : ", ") + v1::Trigger_Name(static_cast<v1::Trigger>(trigger)).substr(8);
  }
  return asked;
}

// How the User-Agent is told, in the words of the expression: `baresip`, `linphone|belle-sip`.
std::string UserAgent(const v1::Rule& rule) {
  if (!rule.has_match()) return "any other";
  const v1::CallMatch& match = rule.match().has_all_of() ? rule.match().all_of().matches(0) : rule.match();
  const std::string& regex = match.caller_user_agent().regex();
  const size_t begin = regex.rfind("(?:");
  if (begin == std::string::npos) return "none, or empty";
  const std::string words = regex.substr(begin + 3, regex.rfind(')') - begin - 3);
  std::string list;
  for (size_t at = 0; at <= words.size();) {
    const size_t bar = std::min(words.find('|', at), words.size());
    list += (list.empty() ? "" : ", ") + Code(words.substr(at, bar - at));
    at = bar + 1;
  }
  const bool with_version = rule.match().has_all_of();
  const bool in_comments = regex.starts_with(".*");
  return list + (with_version ? ", the newest version in it at most 5.1" : "") +
         (in_comments ? "" : ", not in a comment");
}

std::string Page() {
  std::string page = kHead;
  page +=
      "\n## By intent\n| rule | asked by | the unanswered caller gets | CANCEL | evidence "
      "|\n|---|---|---|---|---|\n";
  for (const v1::Rule& rule : BuiltinPolicy()->policy().rules()) {
    if (IsQuiet(rule)) continue;
    page += "| " + Code(rule.id()) + " | " + AskedBy(rule) + " | " + Ending(rule) + " | " +
            CancelReason(rule) + " | " + Cell(rule.description()) + " |\n";
  }
  page +=
      "\nRING_TIMEOUT asks with TRY_LATER, DRAIN with MAINTENANCE.\n\n## QUIET, by phone\nThe first rule "
      "that knows a "
      "word of the `User-Agent`, in any case and at the beginning of a word, decides. No callee is told a "
      "Reason.\n\n"
      "| rule | `User-Agent` | the unanswered caller gets | evidence |\n|---|---|---|---|\n";
  for (const v1::Rule& rule : BuiltinPolicy()->policy().rules()) {
    if (!IsQuiet(rule)) continue;
    page += "| " + Code(rule.id()) + " | " + UserAgent(rule) + " | " + Ending(rule) + " | " +
            Cell(rule.description()) + " |\n";
  }
  return page + kTail;
}

TEST(BuiltinDocTest, IsMadeFromThePolicy) {
  const std::string page = Page();
  if (std::getenv("ADIEU_WRITE_DOCS") != nullptr) {
    std::ofstream(base::SourceRoot() / kFile) << page;
    return;
  }
  EXPECT_EQ(base::SourceFile(kFile), page) << kFile << " is stale; its head says how it is written";
}

}  // namespace
}  // namespace adieu::policy
