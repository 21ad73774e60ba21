#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adieu/v1/call_control_service.pb.h"
#include "adieu/v1/cancel_policy.pb.h"
#include "adieu/v1/termination.pb.h"
#include "server/base/error.h"

namespace adieu::store {

// Terminations kept, and for how long after their request_time. The oldest go first.
inline constexpr std::size_t kMaxTerminations = 1'000'000;
inline constexpr std::size_t kMaxTerminationsInMemory = 100'000;
inline constexpr std::chrono::hours kTerminationRetention{30 * 24};
// Request ids kept, and for how long after their time. The oldest go first.
inline constexpr std::size_t kMaxRequests = 1'000'000;
inline constexpr std::chrono::hours kRequestRetention{2};
// Terminations that wait for the writer, those that could not be written yet included.
inline constexpr std::size_t kMaxQueue = 100'000;
// Stored terminations that one List looks at. Further ones are behind its next_page_token.
inline constexpr std::size_t kMaxExamined = 10'000;

// What a request id stood for.
struct RequestRecord {
  // The RPC's name, as in `TerminateCall`. No NUL.
  std::string method;
  // Who asked. Ids of different principals do not meet.
  std::string principal;
  // At most 128 printable ASCII characters.
  std::string request_id;
  // Fingerprint() of the request: tells a retry from another request with the same id.
  std::string fingerprint;
  // What it made or changed: `terminations/{termination}`, `cancelPolicies/{cancel_policy}`.
  std::string resource;
  // When the request was received.
  std::chrono::system_clock::time_point time;
};

// One Put.
struct Write {
  // Told once, on the writer's thread, with no lock held: null when the termination is in the store, else
  // UNAVAILABLE (STORE_UNAVAILABLE): it can be read, is tried again with later commits, and is lost when the
  // process ends or the queue needs its place before one succeeds. Must not call Flush, Close or the
  // destructor.
  using Done = std::function<void(std::optional<base::Error>)>;

  v1::Termination termination;
  // Committed together with the termination.
  std::optional<RequestRecord> request;
  // Null: nobody waits, and the commit may be a few milliseconds later.
  Done done;
};

// One PutPolicy.
struct PolicyWrite {
  // `cancelPolicies/{cancel_policy}`.
  std::string name;
  // Absent: there is to be none of this name.
  std::optional<v1::CancelPolicy> policy;
  // Committed together with it.
  std::optional<RequestRecord> request;
  // As in Write.
  Write::Done done;
};

// What another process needs of a live call to go on with it. The store reads neither part.
struct CallRecord {
  // The serialised v1::Call, without its ladder.
  std::string call;
  // What the agent keeps of its SIP dialogs.
  std::string dialogs;
};

// One PutCall.
struct CallWrite {
  // `calls/{call}`.
  std::string name;
  // Absent: the call is over.
  std::optional<CallRecord> record;
  // As in Write.
  Write::Done done;
};

// How a store is opened. The defaults are those of production.
struct Options {
  // Called once for each commit or read that failed, on the thread that failed. May be null.
  std::function<void()> on_error;
  // Called after each commit that succeeded, on the writer's thread, with what it took. May be null.
  std::function<void(std::chrono::nanoseconds)> on_commit;
  // The clock of the retention. Any thread.
  std::function<std::chrono::system_clock::time_point()> now = std::chrono::system_clock::now;
  // Zero means the store's own limit: kMaxTerminations, in memory kMaxTerminationsInMemory.
  std::size_t max_terminations = 0;
  std::size_t max_requests = kMaxRequests;
  std::size_t max_queue = kMaxQueue;
  std::size_t max_examined = kMaxExamined;
};

// The memory of what was decided: terminations, policies and request ids; and the journal of live calls,
// which the next process reads at its start. Writes are queued and committed in groups by one thread that the
// store owns; a read sees every Put that returned true before the read began, committed or not. Thread-safe.
// The destructor closes it; nothing may call it then.
class Store {
 public:
  using Done = Write::Done;
  // True: terminations of this call (`calls/{call}`) are wanted. Called without a lock of the store.
  using CallFilter = std::function<bool(const std::string& call)>;

  virtual ~Store() = default;

  // Inserts or replaces the termination of each name, in this order, and wakes the writer once. Never waits
  // for I/O. False for a write: nothing was done, its `done` will not be called: the queue is full, the store
  // is closed, or the id of its request is already known (FindRequest then finds it). Of several Puts with
  // one id, one returns true.
  virtual std::vector<bool> Put(std::vector<Write> writes) = 0;
  bool Put(v1::Termination termination, std::optional<RequestRecord> request, Done done) {
    std::vector<Write> one;
    one.push_back({std::move(termination), std::move(request), std::move(done)});
    return Put(std::move(one)).front();
  }
  bool Put(v1::Termination termination, Done done = nullptr) {
    return Put(std::move(termination), std::nullopt, std::move(done));
  }

  // As Put, for one policy. The store does not bound their number: who writes them does.
  virtual bool PutPolicy(PolicyWrite write) = 0;

  // Every policy, in the order of names. UNAVAILABLE (STORE_UNAVAILABLE): they could not be read.
  virtual base::Result<std::vector<v1::CancelPolicy>> Policies() = 0;

  // As Put, for one call. The store does not bound their number: live calls are bounded elsewhere.
  virtual bool PutCall(CallWrite write) = 0;

  // Every call of the journal by name. UNAVAILABLE (STORE_UNAVAILABLE): they could not be read.
  virtual base::Result<std::map<std::string, CallRecord>> Calls() = 0;

  // What the id stood for. Nothing: it is not known, or is older than kRequestRetention. No I/O.
  virtual std::optional<RequestRecord> FindRequest(const std::string& method, const std::string& principal,
                                                   const std::string& request_id) = 0;

  // Nothing: no such termination, or it could not be read (counted by on_error).
  virtual std::optional<v1::Termination> Get(const std::string& name) = 0;

  // The terminations that the request asks for, newest first by (request_time, name). `match` is not looked
  // at (but bound to the page token): `call` stands for it, null means every call. A page may be short, even
  // empty, with a next_page_token: kMaxExamined was reached. INVALID_ARGUMENT: page_size (0-1000, 0 means
  // 100), page_token, start_time, end_time or outcome is wrong. UNAVAILABLE (STORE_UNAVAILABLE): the store
  // could not be read.
  virtual base::Result<v1::ListTerminationsResponse> List(const v1::ListTerminationsRequest& request,
                                                          const CallFilter& call = nullptr) = 0;

  // Commits what is queued and waits for it and its `done` calls. False: it could not be written, or not
  // until the deadline.
  virtual bool Flush(std::chrono::steady_clock::time_point deadline) = 0;

  // Refuses further Puts, commits what is queued, calls every `done` and stops the writer. Reads go on. What
  // it holds (a file and its lock) is released by the destructor.
  virtual void Close() = 0;
};

// A store that forgets everything with the process. Holds kMaxTerminationsInMemory.
std::unique_ptr<Store> OpenMemory(Options options = {});

// A store in an SQLite file, which is created when it is not there; its directory must be. A second store on
// the same file is refused, in this process or another (flock on `path`.lock). Survives kill -9: what `done`
// confirmed is there; after a power cut the last commits may be missing, the file stays whole. UNAVAILABLE
// (STORE_UNAVAILABLE): why the file cannot be used.
base::Result<std::unique_ptr<Store>> OpenSqlite(const std::string& path, Options options = {});

}  // namespace adieu::store
