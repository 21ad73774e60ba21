#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "adieu/v1/cancel_policy_service.pb.h"
#include "server/base/error.h"
#include "server/policy/policy_set.h"
#include "server/store/store.h"

namespace adieu::engine {

// The policies of this instance: the shipped ones, those of the directory, and those of the store, which
// clients change. Any thread; Current is wait-free, a change holds one mutex while it is checked and queued.
// Owned by the engine; the store must outlive it.
class PolicyBook {
 public:
  // More are refused. Of all origins, the built-in one not counted.
  static constexpr size_t kMaxPolicies = 1'000;

  // Told once, on a worker or on the store's writer, with no lock held. Must not block.
  template <typename T>
  using Done = std::function<void(base::Result<T>)>;

  explicit PolicyBook(store::Store* store);
  PolicyBook(const PolicyBook&) = delete;
  PolicyBook& operator=(const PolicyBook&) = delete;

  // Before anything else: `enabled` are the shipped policies to enforce (`quiet-kills`), `directory` those
  // that were read from files; the store's are loaded. `own`: this server's SIP addresses. A policy of the
  // store with the name of one of the directory is hidden by it, one that is refused today is left out; both
  // are logged. INVALID_ARGUMENT: `enabled` names no shipped policy, or the directory has an error or too
  // many.
  std::optional<base::Error> Load(std::span<const std::string> enabled,
                                  std::vector<v1::CancelPolicy> directory, std::vector<std::string> own);

  // What calls are decided by now.
  std::shared_ptr<const policy::PolicySet> Current() const;

  // The methods of CancelPolicyService; errors as it documents them. A write is in Current when the answer is
  // given, and the answer is given when the store has committed it.
  base::Result<v1::ListCancelPoliciesResponse> List(const v1::ListCancelPoliciesRequest& request) const;
  base::Result<v1::CancelPolicy> Get(const v1::GetCancelPolicyRequest& request) const;
  void Create(const v1::CreateCancelPolicyRequest& request, const std::string& principal,
              Done<v1::CancelPolicy> done);
  void Update(const v1::UpdateCancelPolicyRequest& request, const std::string& principal,
              Done<v1::CancelPolicy> done);
  void Delete(const v1::DeleteCancelPolicyRequest& request, const std::string& principal, Done<bool> done);

  // From now on every write is UNAVAILABLE (DRAINING).
  void RefuseWrites() { draining_ = true; }
};

}  // namespace adieu::engine
