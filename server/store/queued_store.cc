#include "server/store/queued_store.h"

#include <pthread.h>

#include <limits>
#include <list>
#include <map>
#include <utility>

#include "server/store/listing.h"

namespace adieu::store {
namespace {

// How long a termination that nobody waits for may wait for company: its next form, usually, and others.
constexpr std::chrono::milliseconds kLinger{5};
// When what could not be written is tried again without a new Put.
constexpr std::chrono::seconds kRetryInterval{1};
// The least time between two commits after one failed, even for somebody who waits: each tries all again.
constexpr std::chrono::milliseconds kFailurePause{100};
// When what is too old is removed without a new Put.
constexpr std::chrono::minutes kIdleInterval{1};

}  // namespace

QueuedStore::QueuedStore(std::unique_ptr<Backend> backend, RequestIndex requests, Options options)
    : backend_(std::move(backend)),
      options_(std::move(options)),
      pending_(options_.max_queue),
      requests_(std::move(requests)),
      writer_([this] { Run(); }) {}

QueuedStore::~QueuedStore() { Close(); }

std::vector<bool> QueuedStore::Put(std::vector<store::Write> writes) {
  std::vector<std::shared_ptr<const v1::Termination>> shared;
  shared.reserve(writes.size());
  for (store::Write& write : writes) {
    shared.push_back(std::make_shared<const v1::Termination>(std::move(write.termination)));
  }
  std::vector<bool> taken(writes.size());
  std::unique_lock lock(mutex_);
  for (std::size_t i = 0; i < writes.size(); ++i) {
    taken[i] = Add(std::move(shared[i]), std::move(writes[i].request), std::move(writes[i].done));
  }
  WakeWriter(std::move(lock));
  return taken;
}

bool QueuedStore::Add(std::shared_ptr<const v1::Termination> termination,
                      std::optional<RequestRecord> request, Done done) {
  if (!Admit(termination->name(), request)) return false;
  if (done) urgent_ = true;
  pending_.Add(std::move(termination), std::move(request), std::move(done));
  return true;
}

bool QueuedStore::Admit(const std::string& name, const std::optional<RequestRecord>& request) {
  if (closed_ || !pending_.HasRoomFor(name)) return false;
  if (request) {
    requests_.Expire(options_.now() - kRequestRetention);
    if (!requests_.Add(*request)) return false;
  }
  fresh_ = true;
  return true;
}

bool QueuedStore::PutPolicy(PolicyWrite write) {
  std::shared_ptr<const v1::CancelPolicy> policy;
  if (write.policy) policy = std::make_shared<const v1::CancelPolicy>(std::move(*write.policy));
  std::unique_lock lock(mutex_);
  if (!Admit(write.name, write.request)) return false;
  if (write.done) urgent_ = true;
  pending_.AddPolicy(write.name, std::move(policy), std::move(write.request), std::move(write.done));
  WakeWriter(std::move(lock));
  return true;
}

base::Result<std::vector<v1::CancelPolicy>> QueuedStore::Policies() {
  std::map<std::string, std::shared_ptr<const v1::CancelPolicy>> pending;
  {
    std::lock_guard lock(mutex_);
    pending = pending_.PolicySnapshot();
  }
  auto stored = backend_->Policies();
  if (!stored.ok()) {
    CountError();
    return stored;
  }
  std::map<std::string, v1::CancelPolicy> all;
  for (v1::CancelPolicy& policy : *stored) {
    std::string name = policy.name();
    all.emplace(std::move(name), std::move(policy));
  }
  for (const auto& [name, policy] : pending) {
    if (policy) {
      all[name] = *policy;
    } else {
      all.erase(name);
    }
  }
  std::vector<v1::CancelPolicy> policies;
  policies.reserve(all.size());
  for (auto& [name, policy] : all) policies.push_back(std::move(policy));
  return policies;
}

bool QueuedStore::PutCall(CallWrite write) {
  std::shared_ptr<const CallRecord> record;
  if (write.record) record = std::make_shared<const CallRecord>(std::move(*write.record));
  std::unique_lock lock(mutex_);
  if (!Admit(write.name, std::nullopt)) return false;
  if (write.done) urgent_ = true;
  pending_.AddCall(write.name, std::move(record), std::move(write.done));
  WakeWriter(std::move(lock));
  return true;
}

base::Result<std::map<std::string, CallRecord>> QueuedStore::Calls() {
  std::map<std::string, std::shared_ptr<const CallRecord>> pending;
  {
    std::lock_guard lock(mutex_);
    pending = pending_.CallSnapshot();
  }
  auto all = backend_->Calls();
  if (!all.ok()) {
    CountError();
    return all;
  }
  for (const auto& [name, record] : pending) {
    if (record) {
      all->insert_or_assign(name, *record);
    } else {
      all->erase(name);
    }
  }
  return all;
}

std::optional<RequestRecord> QueuedStore::FindRequest(const std::string& method, const std::string& principal,
                                                      const std::string& request_id) {
  std::lock_guard lock(mutex_);
  requests_.Expire(options_.now() - kRequestRetention);
  return requests_.Find(method, principal, request_id);
}

std::optional<v1::Termination> QueuedStore::Get(const std::string& name) {
  {
    std::unique_lock lock(mutex_);
    if (auto pending = pending_.Find(name)) {
      lock.unlock();
      return *pending;
    }
  }
  base::Result<std::optional<v1::Termination>> stored = backend_->Get(name);
  if (stored.ok()) return std::move(*stored);
  CountError();
  return std::nullopt;
}

base::Result<v1::ListTerminationsResponse> QueuedStore::List(const v1::ListTerminationsRequest& request,
                                                             const CallFilter& call) {
  std::vector<std::shared_ptr<const v1::Termination>> pending;
  {
    std::lock_guard lock(mutex_);
    pending = pending_.Snapshot();
  }
  auto response = ListNewestFirst(request, call, pending, *backend_, options_.max_examined);
  if (!response.ok() && response.error().code == absl::StatusCode::kUnavailable) CountError();
  return response;
}

bool QueuedStore::Flush(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  const std::uint64_t mine = ++flushes_;
  urgent_ = true;
  WakeWriter(std::move(lock));
  lock = std::unique_lock(mutex_);
  return settled_.wait_until(lock, deadline, [&] { return flushed_ >= mine; }) && !failing_;
}

void QueuedStore::Close() {
  std::call_once(close_once_, [this] {
    std::unique_lock lock(mutex_);
    closed_ = true;
    urgent_ = true;
    WakeWriter(std::move(lock));
    writer_.join();
  });
}

// Called with the lock so that one of many callers pays for the wake-up, and unlocks first so that the writer
// need not wait for it.
void QueuedStore::WakeWriter(std::unique_lock<std::mutex> lock) {
  const bool wake = writer_waits_ && (urgent_ || (fresh_ && !writer_lingers_));
  if (wake) writer_waits_ = false;
  lock.unlock();
  if (wake) wake_.notify_one();
}

void QueuedStore::AwaitWork(std::unique_lock<std::mutex>& lock) {
  const auto wait = [&](auto duration, auto until) {
    const auto deadline = std::chrono::steady_clock::now() + duration;
    while (!until()) {
      writer_waits_ = true;
      if (wake_.wait_until(lock, deadline) == std::cv_status::timeout) break;
    }
    writer_waits_ = false;
  };
  if (failing_) wait(kFailurePause, [&] { return closed_; });
  const auto idle = pending_.queued() > 0 ? std::chrono::seconds(kRetryInterval) : kIdleInterval;
  wait(idle, [&] { return fresh_ || urgent_; });
  if (!fresh_ || urgent_) return;
  writer_lingers_ = true;
  wait(kLinger, [&] { return urgent_; });
  writer_lingers_ = false;
}

void QueuedStore::Run() {
  pthread_setname_np(pthread_self(), "store");
  for (bool last = false; !last;) {
    std::unique_lock lock(mutex_);
    AwaitWork(lock);
    last = closed_;
    fresh_ = false;
    urgent_ = false;
    const std::uint64_t flushes = flushes_;
    const std::list<PendingWrite>& batch = pending_.Take();
    lock.unlock();

    const auto now = options_.now();
    const auto begin = std::chrono::steady_clock::now();
    const std::optional<base::Error> error = backend_->Write(
        batch, {.terminations = now - kTerminationRetention, .requests = now - kRequestRetention});
    if (error) {
      CountError();
    } else if (options_.on_commit && !batch.empty()) {
      options_.on_commit(std::chrono::steady_clock::now() - begin);
    }

    lock.lock();
    const PendingWrites::Queue settled = pending_.Settle(!error);
    lock.unlock();
    for (const PendingWrite& write : settled.writes) {
      for (const Done& done : write.done) done(error);
    }

    lock.lock();
    failing_ = error.has_value();
    flushed_ = last ? std::numeric_limits<std::uint64_t>::max() : flushes;
    lock.unlock();
    settled_.notify_all();
  }
}

void QueuedStore::CountError() const {
  if (options_.on_error) options_.on_error();
}

}  // namespace adieu::store
