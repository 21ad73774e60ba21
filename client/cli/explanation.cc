#include "client/cli/explanation.h"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <string>

#include "client/cli/details.h"
#include "client/cli/enums.h"
#include "client/cli/escape.h"
#include "client/cli/style.h"
#include "client/cli/treatment_text.h"
#include "client/cli/wrap.h"

namespace adieu::cli {
namespace {

constexpr size_t kWidth = 100;
// Of the first column of Details.
constexpr size_t kNameWidth = 14;

// `NOT_REACHED` is `not reached`.
std::string Words(v1::RuleVerdict verdict) {
  std::string words = ShortName(verdict);
  for (char& c : words) c = c == '_' ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return words;
}

// Whether a verdict needs no look at the match.
bool Unevaluated(v1::RuleVerdict verdict) {
  return verdict != v1::RULE_VERDICT_MATCHED && verdict != v1::RULE_VERDICT_NO_MATCH;
}

// Draws the tree.
class Tree {
 public:
  Tree(std::ostream& out, bool colour) : out_(out), colour_(colour) {}

  void Print(const google::protobuf::RepeatedPtrField<v1::RuleExplanation>& rules) {
    for (int i = 0; i < rules.size();) {
      if (i == 0 || rules[i].policy() != rules[i - 1].policy()) Policy(rules[i]);
      if (!Unevaluated(rules[i].verdict())) {
        Rule(rules[i++]);
        continue;
      }
      std::string names;
      const auto& first = rules[i];
      for (; i < rules.size() && rules[i].policy() == first.policy() && rules[i].verdict() == first.verdict();
           ++i) {
        names += (names.empty() ? "" : ", ") + rules[i].rule();
      }
      Run(names + ": " + Words(first.verdict()));
    }
  }

 private:
  std::string Mark(bool holds) const {
    const char* mark = colour_ ? (holds ? "\xe2\x9c\x93" : "\xe2\x9c\x97") : (holds ? "+" : "-");
    return Paint(mark, holds ? Style::kGood : Style::kBad, colour_);
  }

  void Policy(const v1::RuleExplanation& rule) {
    out_ << Paint(Escape(rule.policy()), Style::kHeading, colour_) << " (" << ShortName(rule.mode()) << ")\n";
  }

  // Rules that share a verdict.
  void Run(const std::string& text) {
    const auto lines = Wrap(text, kWidth - 4);
    for (size_t i = 0; i < lines.size(); ++i) {
      out_ << (i > 0     ? "    "
               : colour_ ? "  \xc2\xb7 "
                         : "  . ")
           << Paint(lines[i], Style::kFaint, colour_) << '\n';
    }
  }

  void Rule(const v1::RuleExplanation& rule) {
    out_ << "  " << Mark(rule.verdict() == v1::RULE_VERDICT_MATCHED) << ' ' << Escape(rule.rule()) << ": "
         << Words(rule.verdict()) << '\n';
    if (rule.has_match()) Node(rule.match(), 6);
  }

  void Node(const v1::MatchExplanation& node, size_t indent) {
    std::string text = Escape(node.node());
    if (!node.condition().empty()) text += " " + Escape(node.condition());
    std::string tested = node.tested().empty() ? "" : "is " + Escape(node.tested());
    if (tested.empty() && node.branches().empty() && node.node() != "every_call") tested = "has none";
    out_ << std::string(indent, ' ') << Mark(node.holds()) << ' ' << text;
    if (!tested.empty()) {
      // A long value begins on a line of its own.
      const bool fits = indent + 4 + Width(text) + Width(tested) <= kWidth;
      out_ << (fits ? "  " : "\n" + std::string(indent + 6, ' ')) << Paint(tested, Style::kFaint, colour_);
    }
    out_ << '\n';
    for (const auto& branch : node.branches()) Node(branch, indent + 2);
  }

  std::ostream& out_;
  bool colour_;
};

void PrintMessages(const v1::ExplainCancelPolicyResponse& explanation, std::ostream& out, bool colour) {
  for (const auto& message : explanation.messages()) {
    const bool callee = message.side() == v1::LEG_SIDE_CALLEE;
    std::string heading = callee ? "To the callee" : "To the caller";
    if (!message.condition().empty()) heading += ", waits for " + Escape(message.condition());
    out << '\n' << Paint(heading + ":", Style::kHeading, colour) << '\n';
    std::istringstream text(message.text());
    for (std::string line; std::getline(text, line);) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      if (!line.empty()) out << "  " << Escape(line) << '\n';
    }
  }
  if (explanation.messages().empty()) out << "\nNothing would be sent.\n";
}

}  // namespace

void PrintExplanation(const v1::ExplainCancelPolicyResponse& explanation, std::ostream& out, bool colour) {
  Details details;
  details.Add("Policy", explanation.policy() + ", rule " + explanation.rule());
  details.Add("Treatment", Wrap(TreatmentText(explanation.treatment()), kWidth - kNameWidth));
  for (const auto& shadow : explanation.shadow_decisions()) {
    details.Add("In shadow", Wrap(ShadowText(shadow), kWidth - kNameWidth));
  }
  details.Print(out, colour);
  PrintMessages(explanation, out, colour);
  if (explanation.rule_explanations().empty()) return;
  out << '\n';
  Tree(out, colour).Print(explanation.rule_explanations());
}

}  // namespace adieu::cli
