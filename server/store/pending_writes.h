#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adieu/v1/cancel_policy.pb.h"
#include "adieu/v1/termination.pb.h"
#include "server/store/store.h"

namespace adieu::store {

// One termination, policy or call on its way to the backend, however often it was put.
struct PendingWrite {
  enum class Kind { kTermination, kPolicy, kCall };

  std::string name;
  Kind kind;
  // The one that `kind` says. Null: the policy or the call is removed.
  std::shared_ptr<const v1::Termination> termination = nullptr;
  std::shared_ptr<const v1::CancelPolicy> policy = nullptr;
  std::shared_ptr<const CallRecord> call = nullptr;
  std::vector<RequestRecord> requests = {};
  std::vector<Store::Done> done = {};
  // A commit of it failed, and it was not put again since.
  bool failed = false;
};

// What is queued for the writer and what the writer is committing; both are read as if stored. Not
// thread-safe: its owner's mutex guards it, except that the writer reads the batch of Take() without it until
// Settle().
class PendingWrites {
 public:
  struct Queue {
    std::list<PendingWrite> writes;
    // The keys are the names in `writes`, while they are queued.
    std::unordered_map<std::string_view, std::list<PendingWrite>::iterator> by_name;
  };

  explicit PendingWrites(std::size_t max_writes);

  // True: Add would not fail.
  bool HasRoomFor(const std::string& name) const;
  // Replaces what is queued under the name. When the queue is full the oldest failed write makes room.
  void Add(std::shared_ptr<const v1::Termination> termination, std::optional<RequestRecord> request,
           Store::Done done);
  // The same for a policy; null removes it.
  void AddPolicy(const std::string& name, std::shared_ptr<const v1::CancelPolicy> policy,
                 std::optional<RequestRecord> request, Store::Done done);
  // The same for a call; null removes it.
  void AddCall(const std::string& name, std::shared_ptr<const CallRecord> record, Store::Done done);

  // Everything queued, as one batch. The previous batch must be settled.
  const std::list<PendingWrite>& Take();
  // Ends the batch. What was not written is queued again, before the rest, unless it was put again meanwhile.
  // Returns every `done` of the batch, with what takes long to destroy: not for the mutex.
  Queue Settle(bool written);

  // Of terminations. Null: not pending.
  std::shared_ptr<const v1::Termination> Find(const std::string& name) const;
  // All, in no order, each name once.
  std::vector<std::shared_ptr<const v1::Termination>> Snapshot() const;
  // Policies by name; null: it is removed.
  std::map<std::string, std::shared_ptr<const v1::CancelPolicy>> PolicySnapshot() const;
  // The same of calls.
  std::map<std::string, std::shared_ptr<const CallRecord>> CallSnapshot() const;
  std::size_t queued() const { return queue_.writes.size(); }

 private:
  bool Full() const;
  // What is queued under the name, or a new write at the end.
  PendingWrite& Place(const std::string& name, PendingWrite::Kind kind);
  // What is put under the names of this kind.
  template <typename Value>
  std::map<std::string, Value> SnapshotOf(PendingWrite::Kind kind, Value PendingWrite::*value) const;

  const std::size_t max_writes_;
  Queue queue_;
  Queue batch_;
};

}  // namespace adieu::store
