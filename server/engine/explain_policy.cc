#include "server/engine/explain_policy.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "server/engine/errors.h"
#include "server/policy/explain.h"
#include "server/policy/explain_check.h"
#include "server/policy/shipped.h"

namespace adieu::engine {
namespace {

// An answer is cut to it, so that a client takes it with gRPC's default limit of 4 MiB.
constexpr size_t kMaxBytes = 3 << 20;

// The server's policies with the candidates in the place of their namesakes.
base::Result<std::shared_ptr<const policy::PolicySet>> WithCandidates(
    const PolicyBook& book, const v1::ExplainCancelPolicyRequest& request) {
  auto current = book.Current();
  if (request.candidate_policies().empty()) return current;
  std::map<std::string, std::shared_ptr<const policy::CompiledPolicy>> policies;
  const auto own = book.Own();
  for (int i = 0; i < request.candidate_policies_size(); ++i) {
    const std::string path = "candidate_policies[" + std::to_string(i) + "]";
    v1::CancelPolicy candidate = request.candidate_policies(i);
    if (candidate.mode() == v1::CANCEL_POLICY_MODE_UNSPECIFIED) {
      candidate.set_mode(v1::CANCEL_POLICY_MODE_ENFORCED);
    }
    auto compiled = policy::CompiledPolicy::Compile(std::move(candidate), path, own);
    if (!compiled.ok()) return compiled.error();
    const std::string& name = (*compiled)->policy().name();
    if (name == policy::kBuiltinPolicy) {
      return base::InvalidField(path + ".name", "the built-in policy cannot be replaced");
    }
    if (!policies.emplace(name, *compiled).second) {
      return base::InvalidField(path + ".name", "is the name of another candidate");
    }
  }
  for (const auto& compiled : current->policies()) {
    if (compiled->policy().name() != policy::kBuiltinPolicy) {
      policies.emplace(compiled->policy().name(), compiled);
    }
  }
  policy::PolicySet::Policies all;
  for (auto& [name, compiled] : policies) all.push_back(std::move(compiled));
  return std::make_shared<const policy::PolicySet>(std::move(all));
}

void Cut(v1::ExplainCancelPolicyResponse* response) {
  if (response->ByteSizeLong() <= kMaxBytes) return;
  for (v1::RuleExplanation& rule : *response->mutable_rule_explanations()) {
    if (rule.verdict() != v1::RULE_VERDICT_MATCHED) rule.clear_match();
  }
  size_t bytes = response->ByteSizeLong();
  auto* rules = response->mutable_rule_explanations();
  while (bytes > kMaxBytes && !rules->empty()) {
    // With the tag and the length before it.
    bytes -= rules->rbegin()->ByteSizeLong() + 2;
    rules->RemoveLast();
  }
}

}  // namespace

base::Result<v1::ExplainCancelPolicyResponse> ExplainPolicy(const CallRegistry& registry,
                                                            const PolicyBook& book,
                                                            const v1::ExplainCancelPolicyRequest& request) {
  if (auto error = policy::CheckExplainRequest(request)) return *std::move(error);
  const auto set = WithCandidates(book, request);
  if (!set.ok()) return set.error();
  v1::Call call;
  if (request.has_call()) {
    std::optional<v1::Call> found = registry.Find(request.call());
    if (!found) return CallNotFound(request.call());
    call = *std::move(found);
  } else {
    call = policy::WithStates(request.hypothetical_call());
  }
  policy::Question question{.call = &call, .now = registry.Now()};
  if (request.trigger() != v1::TRIGGER_UNSPECIFIED) question.trigger = request.trigger();
  if (request.intent() != v1::INTENT_UNSPECIFIED) question.intent = request.intent();
  v1::ExplainCancelPolicyResponse response = policy::Explain(**set, question);
  Cut(&response);
  return response;
}

}  // namespace adieu::engine
