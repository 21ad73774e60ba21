#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adieu/v1/call.pb.h"
#include "adieu/v1/termination.pb.h"
#include "server/base/error.h"
#include "server/engine/call_version.h"
#include "server/engine/ladder.h"
#include "server/metrics/metrics.h"

namespace adieu::engine {

// One change of one call. No `before`: the call began. No `after`: it is no longer kept.
struct Change {
  int64_t revision = 0;
  std::shared_ptr<const CallVersion> before;
  std::shared_ptr<const CallVersion> after;
};

// Every call as one revision saw it, in the order of names.
struct CallSnapshot {
  int64_t revision = 0;
  std::chrono::system_clock::time_point as_of;
  std::vector<std::shared_ptr<const CallVersion>> calls;
};

// A live call in short.
struct LiveCall {
  std::string name;
  v1::CallState state = v1::CALL_STATE_UNSPECIFIED;
  // A termination has it.
  bool claimed = false;
};

// All calls of this instance: the live ones, the last ended ones, and the last changes. Any thread; every
// method holds one mutex for microseconds (Snapshot and Live: for as long as it takes to visit every call).
class CallRegistry {
 public:
  struct Options {
    // Ended calls kept, for kEndedKept at most.
    size_t ended_calls = 10'000;
    // Changes kept for resuming.
    size_t changes = 65'536;
    std::function<std::chrono::system_clock::time_point()> now = std::chrono::system_clock::now;
  };
  static constexpr std::chrono::minutes kEndedKept{10};

  // `metrics` must outlive the registry.
  CallRegistry(Options options, metrics::Metrics* metrics);
  CallRegistry(const CallRegistry&) = delete;
  CallRegistry& operator=(const CallRegistry&) = delete;

  // Called after changes, without a lock, on the thread that made them; must be cheap and may come once more
  // than needed. Set before the first change.
  void SetListener(std::function<void()> listener) { listener_ = std::move(listener); }

  // The call began or changed. What comes after CALL_STATE_TERMINATED is ignored.
  void Update(const v1::Call& call);
  // Adds to a call's ladder. No change, and nothing for a call that is not kept.
  void AppendMessage(const std::string& call, const v1::SipMessage& message);
  // Forgets ended calls that are too old. Called about once a second.
  void ForgetOld();

  // The call without, or with, its ladder.
  std::optional<v1::Call> Find(const std::string& name) const;
  std::optional<v1::Call> FindWithLadder(const std::string& name) const;
  // The call without its ladder, serialised. Empty: it is not kept.
  std::string Packed(const std::string& name) const;
  // The name of the call with a leg of this Call-ID: the live one, else the one that ended last. NOT_FOUND;
  // FAILED_PRECONDITION (AMBIGUOUS) when several live ones have it.
  base::Result<std::string> Resolve(const std::string& sip_call_id) const;

  // Gives the call to a termination: nobody else can have it. NOT_FOUND, CALL_TERMINATED or CALL_TERMINATING.
  // `trigger` RING_TIMEOUT makes ENDED_BY_ADIEU ENDED_BY_TIMEOUT.
  std::optional<base::Error> Claim(const std::string& name, const std::string& termination,
                                   v1::Trigger trigger);
  // Takes it back when nothing was done.
  void Unclaim(const std::string& name, const std::string& termination);

  // At most `limit` calls whose name follows `after`, in the order of names.
  std::vector<std::shared_ptr<const CallVersion>> Page(const std::string& after, size_t limit) const;
  CallSnapshot Snapshot() const;
  std::vector<LiveCall> Live() const;
  size_t live_count() const;

  int64_t revision() const;
  // At most `limit` changes that follow `revision`, oldest first. No value: they are not kept any more, or
  // that revision never was.
  std::optional<std::vector<Change>> ChangesAfter(int64_t revision, size_t limit) const;

  // Different in every process.
  const std::string& boot_id() const { return boot_id_; }
  std::chrono::system_clock::time_point Now() const { return options_.now(); }

 private:
  struct Entry {
    std::shared_ptr<const CallVersion> version;
    Ladder ladder;
    // Empty: not claimed.
    std::string termination;
    // Of the Call-IDs of the legs. Zero: no such leg.
    size_t caller_hash = 0;
    size_t callee_hash = 0;
    v1::CallState state = v1::CALL_STATE_UNSPECIFIED;
    bool ring_timeout = false;
  };
  using Calls = std::unordered_map<std::string, Entry>;

  struct Ended {
    std::chrono::system_clock::time_point time;
    std::string name;
  };
  struct ByName {
    bool operator()(const std::string* a, const std::string* b) const { return *a < *b; }
  };

  size_t HashCallId(const std::string& sip_call_id) const;
  // The rest is called with mutex_ held.
  void Publish(Entry* entry, std::shared_ptr<CallVersion> after);
  void PublishTermination(Entry* entry);
  void Index(size_t* hash, const v1::Leg& leg, const std::string& name);
  void Unindex(size_t hash, const std::string& name);
  void ForgetOldest();
  void Count(v1::CallState from, v1::CallState to, v1::EndedBy ended_by);
  void Changed() const {
    if (listener_) listener_();
  }

  const Options options_;
  metrics::Metrics* const metrics_;
  const std::string boot_id_;
  std::function<void()> listener_;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  Calls calls_;
  // The keys of calls_, in order.
  std::map<const std::string*, Entry*, ByName> order_;
  // From the hash of a Call-ID to keys of calls_.
  std::unordered_multimap<size_t, const std::string*> by_call_id_;
  // In the order of their end.
  std::deque<Ended> ended_;
  // The last one has revision_, each one before it one less.
  std::deque<Change> changes_;
  int64_t revision_ = 0;
};

}  // namespace adieu::engine
