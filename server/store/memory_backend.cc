#include "server/store/memory_backend.h"

#include <iterator>
#include <utility>

#include "server/store/queued_store.h"

namespace adieu::store {

namespace {

// Null removes it.
template <typename Map>
void Replace(const std::string& name, const typename Map::mapped_type& value, Map* map) {
  if (value) {
    (*map)[name] = value;
  } else {
    map->erase(name);
  }
}

}  // namespace

MemoryBackend::MemoryBackend(std::size_t max_terminations) : max_terminations_(max_terminations) {}

std::optional<base::Error> MemoryBackend::Write(const std::list<PendingWrite>& writes,
                                                const Retention& retention) {
  const auto oldest = std::chrono::nanoseconds(retention.terminations.time_since_epoch()).count();
  std::lock_guard lock(mutex_);
  for (const PendingWrite& write : writes) {
    switch (write.kind) {
      case PendingWrite::Kind::kTermination:
        Insert(write.termination);
        break;
      case PendingWrite::Kind::kPolicy:
        Replace(write.name, write.policy, &policies_);
        break;
      case PendingWrite::Kind::kCall:
        Replace(write.name, write.call, &calls_);
        break;
    }
  }
  while (newest_first_.size() > max_terminations_) DropOldest();
  while (!newest_first_.empty() && newest_first_.rbegin()->first.request_time < oldest) DropOldest();
  return std::nullopt;
}

void MemoryBackend::Insert(const std::shared_ptr<const v1::Termination>& termination) {
  if (auto old = by_name_.find(termination->name()); old != by_name_.end()) newest_first_.erase(old->second);
  by_name_[termination->name()] = newest_first_.emplace(PositionOf(*termination), termination).first;
}

void MemoryBackend::DropOldest() {
  const auto oldest = std::prev(newest_first_.end());
  by_name_.erase(oldest->first.name);
  newest_first_.erase(oldest);
}

base::Result<std::optional<v1::Termination>> MemoryBackend::Get(const std::string& name) {
  std::lock_guard lock(mutex_);
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::optional<v1::Termination>();
  return std::optional<v1::Termination>(*found->second->second);
}

base::Result<Backend::Rows> MemoryBackend::Read(const Selection& selection, std::size_t max_found,
                                                std::size_t max_examined) {
  Rows rows;
  std::lock_guard lock(mutex_);
  auto row = newest_first_.upper_bound(selection.before);
  for (; row != newest_first_.end() && row->first.request_time >= selection.start_time; ++row) {
    if (rows.found.size() == max_found || rows.examined == max_examined) return rows;
    ++rows.examined;
    rows.last = row->first;
    if (selection.Wants(*row->second)) rows.found.push_back(row->second);
  }
  rows.end = true;
  return rows;
}

base::Result<std::vector<v1::CancelPolicy>> MemoryBackend::Policies() {
  std::vector<v1::CancelPolicy> policies;
  std::lock_guard lock(mutex_);
  for (const auto& [name, policy] : policies_) policies.push_back(*policy);
  return policies;
}

base::Result<std::map<std::string, CallRecord>> MemoryBackend::Calls() {
  std::map<std::string, CallRecord> calls;
  std::lock_guard lock(mutex_);
  for (const auto& [name, record] : calls_) calls.emplace(name, *record);
  return calls;
}

std::unique_ptr<Store> OpenMemory(Options options) {
  const std::size_t max = options.max_terminations == 0 ? kMaxTerminationsInMemory : options.max_terminations;
  RequestIndex requests(options.max_requests);
  return std::make_unique<QueuedStore>(std::make_unique<MemoryBackend>(max), std::move(requests),
                                       std::move(options));
}

}  // namespace adieu::store
