#include "server/policy/matcher.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "server/policy/match_leaf.h"
#include "server/policy/text_check.h"

namespace adieu::policy {
namespace {

constexpr size_t kMaxNodes = 64;
constexpr int kMaxDepth = 8;

enum class Quantifier { kAllOf, kAnyOf, kNoneOf };

// The nodes stand in one row, each before its branches, so that a match is walked from left to right.
struct Node {
  std::variant<Quantifier, MatchLeaf> what;
  // The field of CallMatch.
  v1::CallMatch::NodeCase field = v1::CallMatch::NODE_NOT_SET;
  // The index of the first node after its branches.
  size_t end = 0;
};

// Whether a branch with this result settles the result of the whole.
bool Settles(Quantifier quantifier, bool branch) {
  return quantifier == Quantifier::kAllOf ? !branch : branch;
}

// What the whole is when a branch settled it, and when none did.
bool Result(Quantifier quantifier, bool settled) {
  return quantifier == Quantifier::kAnyOf ? settled : !settled;
}

std::optional<Quantifier> QuantifierOf(v1::CallMatch::NodeCase field) {
  switch (field) {
    case v1::CallMatch::kAllOf:
      return Quantifier::kAllOf;
    case v1::CallMatch::kAnyOf:
      return Quantifier::kAnyOf;
    case v1::CallMatch::kNoneOf:
      return Quantifier::kNoneOf;
    default:
      return std::nullopt;
  }
}

const v1::CallMatchList& BranchesOf(const v1::CallMatch& match, Quantifier quantifier) {
  switch (quantifier) {
    case Quantifier::kAllOf:
      return match.all_of();
    case Quantifier::kAnyOf:
      return match.any_of();
    case Quantifier::kNoneOf:
      break;
  }
  return match.none_of();
}

std::string FieldName(v1::CallMatch::NodeCase field) {
  const auto* descriptor = v1::CallMatch::descriptor()->FindFieldByNumber(field);
  return descriptor == nullptr ? std::string() : descriptor->name();
}

}  // namespace

struct Matcher::Tree {
  std::vector<Node> nodes;

  // Adds a node and its branches. `depth`: of this node, the root's is 1.
  std::optional<base::Error> Add(const v1::CallMatch& match, const std::string& path, int depth) {
    if (depth > kMaxDepth) return base::InvalidField(path, "must be at most 8 deep");
    if (nodes.size() == kMaxNodes) return base::InvalidField(path, "the match must have at most 64 nodes");
    const size_t index = nodes.size();
    if (const auto quantifier = QuantifierOf(match.node_case())) {
      nodes.push_back({.what = *quantifier, .field = match.node_case()});
      const std::string list = Join(Join(path, FieldName(match.node_case())), "matches");
      const v1::CallMatchList& branches = BranchesOf(match, *quantifier);
      if (branches.matches().empty()) return base::InvalidField(list, "must have at least one match");
      for (int i = 0; i < branches.matches_size(); ++i) {
        if (auto error = Add(branches.matches(i), At(list, i), depth + 1)) return error;
      }
    } else {
      auto leaf = CompileLeaf(match, path);
      if (!leaf.ok()) return leaf.error();
      nodes.push_back({.what = std::move(*leaf), .field = match.node_case()});
    }
    nodes[index].end = nodes.size();
    return std::nullopt;
  }

  bool Holds(size_t index, const Subject& subject) const {
    const Node& node = nodes[index];
    if (const auto* leaf = std::get_if<MatchLeaf>(&node.what)) {
      return std::visit([&](const auto& one) { return one.Holds(subject); }, *leaf);
    }
    const Quantifier quantifier = std::get<Quantifier>(node.what);
    for (size_t branch = index + 1; branch < node.end; branch = nodes[branch].end) {
      if (Settles(quantifier, Holds(branch, subject))) return Result(quantifier, true);
    }
    return Result(quantifier, false);
  }

  v1::MatchExplanation Explain(size_t index, const Subject& subject) const {
    const Node& node = nodes[index];
    v1::MatchExplanation explanation;
    explanation.set_node(FieldName(node.field));
    if (const auto* leaf = std::get_if<MatchLeaf>(&node.what)) {
      std::visit(
          [&](const auto& one) {
            explanation.set_condition(one.Condition());
            explanation.set_tested(one.Tested(subject));
            explanation.set_holds(one.Holds(subject));
          },
          *leaf);
      return explanation;
    }
    const Quantifier quantifier = std::get<Quantifier>(node.what);
    bool settled = false;
    for (size_t branch = index + 1; branch < node.end; branch = nodes[branch].end) {
      *explanation.add_branches() = Explain(branch, subject);
      settled = settled || Settles(quantifier, explanation.branches().rbegin()->holds());
    }
    explanation.set_holds(Result(quantifier, settled));
    return explanation;
  }
};

Matcher::Matcher(std::shared_ptr<const Tree> tree) : tree_(std::move(tree)) {}

base::Result<Matcher> Matcher::Compile(const v1::CallMatch& match, const std::string& path) {
  const auto tree = std::make_shared<Tree>();
  if (auto error = tree->Add(match, path, 1)) return *error;
  tree->nodes.shrink_to_fit();
  return Matcher(tree);
}

Matcher Matcher::Every() { return Matcher(nullptr); }

int Matcher::ExpressionSize() const {
  if (tree_ == nullptr) return 0;
  return std::accumulate(tree_->nodes.begin(), tree_->nodes.end(), 0, [](int size, const Node& node) {
    const auto* leaf = std::get_if<MatchLeaf>(&node.what);
    return size + (leaf == nullptr ? 0 : policy::ExpressionSize(*leaf));
  });
}

bool Matcher::Matches(const v1::Call& call, std::chrono::system_clock::time_point now) const {
  return tree_ == nullptr || tree_->Holds(0, {call, now});
}

v1::MatchExplanation Matcher::Explain(const v1::Call& call, std::chrono::system_clock::time_point now) const {
  if (tree_ != nullptr) return tree_->Explain(0, {call, now});
  v1::MatchExplanation every;
  every.set_node("every_call");
  every.set_holds(true);
  return every;
}

}  // namespace adieu::policy
