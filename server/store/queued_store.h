#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/store/backend.h"
#include "server/store/pending_writes.h"
#include "server/store/request_index.h"
#include "server/store/store.h"

namespace adieu::store {

// The Store over any backend: the queue, the writer's thread (started by the constructor, joined by Close)
// and the request ids.
class QueuedStore final : public Store {
 public:
  QueuedStore(std::unique_ptr<Backend> backend, RequestIndex requests, Options options);
  ~QueuedStore() override;
  QueuedStore(const QueuedStore&) = delete;
  QueuedStore& operator=(const QueuedStore&) = delete;

  std::vector<bool> Put(std::vector<store::Write> writes) override;
  bool PutPolicy(PolicyWrite write) override;
  base::Result<std::vector<v1::CancelPolicy>> Policies() override;
  bool PutCall(CallWrite write) override;
  base::Result<std::map<std::string, CallRecord>> Calls() override;
  std::optional<RequestRecord> FindRequest(const std::string& method, const std::string& principal,
                                           const std::string& request_id) override;
  std::optional<v1::Termination> Get(const std::string& name) override;
  base::Result<v1::ListTerminationsResponse> List(const v1::ListTerminationsRequest& request,
                                                  const CallFilter& call) override;
  bool Flush(std::chrono::steady_clock::time_point deadline) override;
  void Close() override;

 private:
  // With mutex_ held.
  bool Add(std::shared_ptr<const v1::Termination> termination, std::optional<RequestRecord> request,
           Done done);
  // Whether something under this name can be queued now; the request is noted then.
  bool Admit(const std::string& name, const std::optional<RequestRecord>& request);
  void Run();
  void AwaitWork(std::unique_lock<std::mutex>& lock);
  void WakeWriter(std::unique_lock<std::mutex> lock);
  void CountError() const;

  const std::unique_ptr<Backend> backend_;
  const Options options_;

  std::mutex mutex_;
  // Guarded by mutex_, the batch excepted (PendingWrites says how).
  PendingWrites pending_;
  // The rest is guarded by mutex_.
  RequestIndex requests_;
  // There is something to write that no commit was tried with.
  bool fresh_ = false;
  // Somebody waits for the next commit.
  bool urgent_ = false;
  bool closed_ = false;
  // The writer waits for wake_ and was not woken yet; while it lingers, only for something urgent.
  bool writer_waits_ = false;
  bool writer_lingers_ = false;
  // Flushes asked for, and those that a finished commit covers.
  std::uint64_t flushes_ = 0;
  std::uint64_t flushed_ = 0;
  // The last commit failed.
  bool failing_ = false;
  std::condition_variable wake_;
  std::condition_variable settled_;

  std::once_flag close_once_;
  // Last: it uses everything above.
  std::thread writer_;
};

}  // namespace adieu::store
