#include "server/engine/policy_book.h"

#include <chrono>
#include <string_view>
#include <utility>

#include "server/base/clock.h"
#include "server/base/id.h"
#include "server/base/log.h"
#include "server/engine/errors.h"
#include "server/engine/list_policies.h"
#include "server/engine/policy_change.h"
#include "server/engine/policy_errors.h"
#include "server/policy/policy_name.h"
#include "server/policy/request_check.h"
#include "server/policy/shipped.h"
#include "server/store/fingerprint.h"

namespace adieu::engine {
namespace {

using std::chrono::system_clock;

constexpr char kCreate[] = "CreateCancelPolicy";
constexpr char kUpdate[] = "UpdateCancelPolicy";
constexpr char kDelete[] = "DeleteCancelPolicy";

template <typename Request>
std::string FingerprintOf(Request request) {
  request.clear_request_id();
  return store::Fingerprint(request);
}

}  // namespace

// Gives the answer once the change is both committed and published, by whichever comes last.
class PolicyBook::Answer {
 public:
  explicit Answer(Done<v1::CancelPolicy> done) : done_(std::move(done)) {}

  // What is answered when the store has it. Before the store is asked.
  void Expect(base::Result<v1::CancelPolicy> result) { result_ = std::move(result); }
  void Committed(const std::optional<base::Error>& error) {
    if (error) result_ = *error;
    Step();
  }
  void Published() { Step(); }
  // The store is not asked.
  void GiveNow(base::Result<v1::CancelPolicy> result) { done_(std::move(result)); }

 private:
  void Step() {
    if (steps_.fetch_sub(1) == 1) done_(std::move(result_));
  }

  const Done<v1::CancelPolicy> done_;
  base::Result<v1::CancelPolicy> result_ = v1::CancelPolicy();
  std::atomic<int> steps_{2};
};

PolicyBook::PolicyBook(store::Store* store)
    : store_(store), current_(std::make_shared<const policy::PolicySet>()) {}

void PolicyBook::SetOwn(std::vector<std::string> own) {
  std::lock_guard lock(own_mutex_);
  own_ = std::move(own);
}

std::vector<std::string> PolicyBook::Own() const {
  std::lock_guard lock(own_mutex_);
  return own_;
}

base::Result<v1::ListCancelPoliciesResponse> PolicyBook::List(
    const v1::ListCancelPoliciesRequest& request) const {
  return ListPolicies(*Current(), request);
}

base::Result<v1::CancelPolicy> PolicyBook::Get(const v1::GetCancelPolicyRequest& request) const {
  if (!policy::IsPolicyName(request.name())) return base::InvalidField("name", policy::kPolicyNameForm);
  const Compiled found = Current()->Find(request.name());
  if (!found) return PolicyNotFound(request.name());
  return found->policy();
}

void PolicyBook::Create(const v1::CreateCancelPolicyRequest& request, const std::string& principal,
                        Done<v1::CancelPolicy> done) {
  const base::Result<std::string> name = NameToCreate(request);
  if (!name.ok()) return done(name.error());
  const Ask ask{.method = kCreate,
                .name = *name,
                .principal = principal,
                .request_id = request.request_id(),
                .fingerprint = FingerprintOf(request),
                .validate_only = request.validate_only()};
  Write(
      ask, [&] { return DecideCreate(*name, request); }, std::move(done));
}

void PolicyBook::Update(const v1::UpdateCancelPolicyRequest& request, const std::string& principal,
                        Done<v1::CancelPolicy> done) {
  const std::string& name = request.cancel_policy().name();
  if (!policy::IsPolicyName(name)) {
    return done(base::InvalidField("cancel_policy.name", policy::kPolicyNameForm));
  }
  if (auto error = CheckUpdateMask(request.update_mask())) return done(*std::move(error));
  const Ask ask{.method = kUpdate,
                .name = name,
                .principal = principal,
                .request_id = request.request_id(),
                .fingerprint = FingerprintOf(request),
                .validate_only = request.validate_only()};
  Write(
      ask, [&] { return DecideUpdate(request); }, std::move(done));
}

void PolicyBook::Delete(const v1::DeleteCancelPolicyRequest& request, const std::string& principal,
                        Done<bool> done) {
  if (!policy::IsPolicyName(request.name())) {
    return done(base::InvalidField("name", policy::kPolicyNameForm));
  }
  const Ask ask{.method = kDelete,
                .name = request.name(),
                .principal = principal,
                .request_id = request.request_id(),
                .fingerprint = FingerprintOf(request),
                .validate_only = request.validate_only()};
  Write(
      ask, [&] { return DecideDelete(request); },
      [done = std::move(done)](base::Result<v1::CancelPolicy> result) {
        if (result.ok()) return done(true);
        done(result.error());
      });
}

void PolicyBook::Write(const Ask& ask, const Decide& decide, Done<v1::CancelPolicy> done) {
  const auto answer = std::make_shared<Answer>(std::move(done));
  std::optional<base::Result<v1::CancelPolicy>> now;
  if (auto error = policy::CheckRequestId(ask.request_id)) {
    now = *std::move(error);
  } else {
    std::lock_guard lock(mutex_);
    now = TryWrite(ask, decide, answer);
  }
  if (now) {
    answer->GiveNow(*std::move(now));
  } else {
    answer->Published();
  }
}

std::optional<base::Result<v1::CancelPolicy>> PolicyBook::TryWrite(const Ask& ask, const Decide& decide,
                                                                   const std::shared_ptr<Answer>& answer) {
  if (draining_ && !ask.validate_only) return Draining();
  std::optional<store::RequestRecord> request;
  if (!ask.request_id.empty() && !ask.validate_only) {
    if (const auto known = store_->FindRequest(ask.method, ask.principal, ask.request_id)) {
      return WriteAgain(ask, *known, answer);
    }
    request = {.method = ask.method,
               .principal = ask.principal,
               .request_id = ask.request_id,
               .fingerprint = ask.fingerprint,
               .resource = ask.name,
               .time = system_clock::now()};
  }
  base::Result<Change> change = decide();
  if (!change.ok()) return change.error();
  const v1::CancelPolicy none;
  const v1::CancelPolicy& policy = change->policy ? change->policy->policy() : none;
  if (ask.validate_only) return policy;
  answer->Expect(policy);
  if (auto error = Put(ask.name, change->policy, std::move(request), answer)) return *std::move(error);
  base::LogInfo(change->event, {{"policy", ask.name},
                                {"principal", ask.principal},
                                {"mode", v1::CancelPolicyMode_Name(policy.mode())},
                                {"etag", policy.etag()}});
  if (change->policy) {
    policies_[ask.name] = change->policy;
    unused_.erase(ask.name);
  } else {
    policies_.erase(ask.name);
  }
  Publish();
  return std::nullopt;
}

// The first time may not be committed yet, or its commit failed: what is there now is put once more, and both
// are committed together.
std::optional<base::Error> PolicyBook::WriteAgain(const Ask& ask, const store::RequestRecord& known,
                                                  const std::shared_ptr<Answer>& answer) {
  if (known.fingerprint != ask.fingerprint) return RequestIdReused();
  const auto found = policies_.find(ask.name);
  const bool is_ours =
      found != policies_.end() && found->second->policy().origin() == v1::CANCEL_POLICY_ORIGIN_API;
  if (std::string_view(ask.method) == kDelete) {
    answer->Expect(v1::CancelPolicy());
  } else if (is_ours) {
    answer->Expect(found->second->policy());
  } else {
    answer->Expect(PolicyNotFound(ask.name));
  }
  if (!is_ours && unused_.contains(ask.name)) return PolicyNotFound(ask.name);
  return Put(ask.name, is_ours ? found->second : nullptr, std::nullopt, answer);
}

std::optional<base::Error> PolicyBook::Put(const std::string& name, const Compiled& policy,
                                           std::optional<store::RequestRecord> request,
                                           const std::shared_ptr<Answer>& answer) {
  store::PolicyWrite write{.name = name,
                           .policy = std::nullopt,
                           .request = std::move(request),
                           .done = [answer](const auto& error) { answer->Committed(error); }};
  if (policy) write.policy = policy->policy();
  if (store_->PutPolicy(std::move(write))) return std::nullopt;
  return QueueFull();
}

base::Result<PolicyBook::Change> PolicyBook::DecideCreate(const std::string& name,
                                                          const v1::CreateCancelPolicyRequest& request) {
  v1::CancelPolicy policy = GivenPart(request.cancel_policy());
  policy.set_name(name);
  policy.set_origin(v1::CANCEL_POLICY_ORIGIN_API);
  if (name == policy::kBuiltinPolicy || policies_.contains(name)) return PolicyExists(name);
  if (IsFull() && !unused_.contains(name)) return TooManyPolicies();
  return CompileNew(std::move(policy), request.validate_only());
}

base::Result<PolicyBook::Change> PolicyBook::DecideUpdate(const v1::UpdateCancelPolicyRequest& request) {
  const v1::CancelPolicy& given = request.cancel_policy();
  base::Result<Compiled> found = FindToChange(given.name(), given.etag());
  if (!found.ok()) {
    if (found.error().code != absl::StatusCode::kNotFound || !request.allow_missing()) return found.error();
    if (!given.etag().empty()) return EtagMismatch(given.name(), "");
    if (IsFull() && !unused_.contains(given.name())) return TooManyPolicies();
    v1::CancelPolicy policy = GivenPart(given);
    policy.set_origin(v1::CANCEL_POLICY_ORIGIN_API);
    return CompileNew(std::move(policy), request.validate_only());
  }
  v1::CancelPolicy policy = Changed((*found)->policy(), given, request.update_mask());
  if (!request.validate_only()) {
    policy.set_etag(base::NewId());
    *policy.mutable_update_time() = base::ToTimestamp(system_clock::now());
  }
  auto compiled = policy::CompiledPolicy::Compile(std::move(policy), "cancel_policy", Own());
  if (!compiled.ok()) return compiled.error();
  return Change{.policy = *std::move(compiled), .event = "policy updated"};
}

base::Result<PolicyBook::Change> PolicyBook::DecideDelete(const v1::DeleteCancelPolicyRequest& request) {
  const base::Result<Compiled> found = FindToChange(request.name(), request.etag());
  if (!found.ok()) return found.error();
  return Change{.policy = nullptr, .event = "policy deleted"};
}

base::Result<PolicyBook::Change> PolicyBook::CompileNew(v1::CancelPolicy policy, bool validate_only) {
  if (!validate_only) {
    policy.set_etag(base::NewId());
    *policy.mutable_create_time() = base::ToTimestamp(system_clock::now());
    *policy.mutable_update_time() = policy.create_time();
  }
  auto compiled = policy::CompiledPolicy::Compile(std::move(policy), "cancel_policy", Own());
  if (!compiled.ok()) return compiled.error();
  return Change{.policy = *std::move(compiled), .event = "policy created"};
}

base::Result<PolicyBook::Compiled> PolicyBook::FindToChange(const std::string& name,
                                                            const std::string& etag) const {
  if (name == policy::kBuiltinPolicy) return PolicyReadOnly(name);
  const auto found = policies_.find(name);
  if (found == policies_.end()) return PolicyNotFound(name);
  const v1::CancelPolicy& policy = found->second->policy();
  if (policy.origin() != v1::CANCEL_POLICY_ORIGIN_API) return PolicyReadOnly(name);
  if (!etag.empty() && etag != policy.etag()) return EtagMismatch(name, policy.etag());
  return found->second;
}

void PolicyBook::Publish() {
  policy::PolicySet::Policies all;
  all.reserve(policies_.size());
  for (const auto& [name, policy] : policies_) all.push_back(policy);
  current_.Set(std::make_shared<const policy::PolicySet>(std::move(all)));
}

}  // namespace adieu::engine
