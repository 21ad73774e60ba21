#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "adieu/v1/cancel_policy_service.pb.h"
#include "server/base/error.h"
#include "server/engine/published.h"
#include "server/policy/policy_set.h"
#include "server/store/store.h"

namespace adieu::engine {

// The policies of this instance: the shipped ones, those of the directory, and those of the store, which
// clients change. Any thread; reads never wait, a change holds one mutex while it is checked, compiled and
// queued for the store. Owned by the engine; the store must outlive it, and must be closed before it is
// destroyed.
class PolicyBook {
 public:
  // More are refused. Of all origins, the built-in one not counted.
  static constexpr size_t kMaxPolicies = 1'000;

  // Told once, on the thread that asks or on the store's writer, with no lock held. Must not block. To
  // compile a policy of the largest size takes a second: ask on the slow lane (slow_lane.h).
  template <typename T>
  using Done = std::function<void(base::Result<T>)>;

  explicit PolicyBook(store::Store* store);
  PolicyBook(const PolicyBook&) = delete;
  PolicyBook& operator=(const PolicyBook&) = delete;

  // Before anything is decided: `enabled` are the shipped policies to enforce (`quiet-kills`), `directory`
  // those that were read from files; the store's are loaded. `own`: this server's SIP addresses, as far as
  // they are known (SetOwn). A policy of the store with the name of one of the directory is hidden by it, one
  // that is refused today is left out; both stay in the store and are logged. INVALID_ARGUMENT: `enabled`
  // names no shipped policy, or the directory has an error or too many; the path of the field begins with
  // `policies.enable[i]` or `policies.directory[i]`. UNAVAILABLE (STORE_UNAVAILABLE): the store could not be
  // read.
  std::optional<base::Error> Load(std::span<const std::string> enabled,
                                  std::vector<v1::CancelPolicy> directory, std::vector<std::string> own);
  // Checks what Load would be given, without a store.
  static std::optional<base::Error> Check(std::span<const std::string> enabled,
                                          std::vector<v1::CancelPolicy> directory,
                                          std::span<const std::string> own);

  // This server's SIP addresses once they are bound: what is written from now on may not redirect to them.
  void SetOwn(std::vector<std::string> own);
  std::vector<std::string> Own() const;

  // What calls are decided by now. Wait-free.
  std::shared_ptr<const policy::PolicySet> Current() const { return current_.Get(); }

  // The methods of CancelPolicyService; errors as it documents them. A write is in Current when the answer is
  // given, and the answer is given when the store has committed it. A retry with a known request_id is
  // answered when the store has committed what is there now, and with it the request.
  base::Result<v1::ListCancelPoliciesResponse> List(const v1::ListCancelPoliciesRequest& request) const;
  base::Result<v1::CancelPolicy> Get(const v1::GetCancelPolicyRequest& request) const;
  void Create(const v1::CreateCancelPolicyRequest& request, const std::string& principal,
              Done<v1::CancelPolicy> done);
  void Update(const v1::UpdateCancelPolicyRequest& request, const std::string& principal,
              Done<v1::CancelPolicy> done);
  void Delete(const v1::DeleteCancelPolicyRequest& request, const std::string& principal, Done<bool> done);

  // From now on every write is UNAVAILABLE (DRAINING).
  void RefuseWrites() { draining_ = true; }

 private:
  using Compiled = std::shared_ptr<const policy::CompiledPolicy>;
  // By name.
  using Policies = std::map<std::string, Compiled>;

  // A write, whatever it asks for.
  struct Ask {
    // The RPC's name.
    const char* method;
    // The policy's.
    std::string name;
    const std::string& principal;
    const std::string& request_id;
    // Of the request without its id.
    std::string fingerprint;
    bool validate_only = false;
  };
  // What a write makes of the policy of its name.
  struct Change {
    // Null: it is removed.
    Compiled policy;
    // For the log.
    const char* event = "";
  };
  using Decide = std::function<base::Result<Change>()>;
  class Answer;

  // The shipped policies and those of the directory.
  static base::Result<Policies> ReadOnlyOnes(std::span<const std::string> enabled,
                                             std::vector<v1::CancelPolicy> directory,
                                             std::span<const std::string> own);

  // `decide` is called with mutex_ held.
  void Write(const Ask& ask, const Decide& decide, Done<v1::CancelPolicy> done);

  // With mutex_ held.
  // An error, or the policy; nothing: the store has it and `answer` is told of the commit.
  std::optional<base::Result<v1::CancelPolicy>> TryWrite(const Ask& ask, const Decide& decide,
                                                         const std::shared_ptr<Answer>& answer);
  std::optional<base::Error> WriteAgain(const Ask& ask, const store::RequestRecord& known,
                                        const std::shared_ptr<Answer>& answer);
  std::optional<base::Error> Put(const std::string& name, const Compiled& policy,
                                 std::optional<store::RequestRecord> request,
                                 const std::shared_ptr<Answer>& answer);
  base::Result<Change> DecideCreate(const std::string& name, const v1::CreateCancelPolicyRequest& request);
  base::Result<Change> DecideUpdate(const v1::UpdateCancelPolicyRequest& request);
  base::Result<Change> DecideDelete(const v1::DeleteCancelPolicyRequest& request);
  base::Result<Change> CompileNew(v1::CancelPolicy policy, bool validate_only);
  // The one that clients may change. NOT_FOUND, POLICY_READ_ONLY or ETAG_MISMATCH.
  base::Result<Compiled> FindToChange(const std::string& name, const std::string& etag) const;
  bool IsFull() const { return policies_.size() + unused_.size() >= kMaxPolicies; }
  void Publish();

  store::Store* const store_;
  std::atomic<bool> draining_{false};
  Published<std::shared_ptr<const policy::PolicySet>> current_;

  mutable std::mutex own_mutex_;
  // Guarded by own_mutex_.
  std::vector<std::string> own_;

  std::mutex mutex_;
  // Guarded by mutex_. All but the built-in one.
  Policies policies_;
  // Guarded by mutex_. Names of policies in the store that are hidden or were left out.
  std::set<std::string> unused_;
};

}  // namespace adieu::engine
