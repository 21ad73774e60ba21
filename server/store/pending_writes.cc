#include "server/store/pending_writes.h"

#include <iterator>
#include <utility>

namespace adieu::store {

PendingWrites::PendingWrites(std::size_t max_writes) : max_writes_(max_writes) {}

bool PendingWrites::Full() const { return queue_.writes.size() + batch_.writes.size() >= max_writes_; }

bool PendingWrites::HasRoomFor(const std::string& name) const {
  return !Full() || (!queue_.writes.empty() && queue_.writes.front().failed) || queue_.by_name.contains(name);
}

void PendingWrites::Add(std::shared_ptr<const v1::Termination> termination,
                        std::optional<RequestRecord> request, Store::Done done) {
  PendingWrite& write = Place(termination->name(), PendingWrite::Kind::kTermination);
  write.termination = std::move(termination);
  if (request) write.requests.push_back(std::move(*request));
  if (done) write.done.push_back(std::move(done));
}

void PendingWrites::AddPolicy(const std::string& name, std::shared_ptr<const v1::CancelPolicy> policy,
                              std::optional<RequestRecord> request, Store::Done done) {
  PendingWrite& write = Place(name, PendingWrite::Kind::kPolicy);
  write.policy = std::move(policy);
  if (request) write.requests.push_back(std::move(*request));
  if (done) write.done.push_back(std::move(done));
}

void PendingWrites::AddCall(const std::string& name, std::shared_ptr<const CallRecord> record,
                            Store::Done done) {
  PendingWrite& write = Place(name, PendingWrite::Kind::kCall);
  write.call = std::move(record);
  if (done) write.done.push_back(std::move(done));
}

PendingWrite& PendingWrites::Place(const std::string& name, PendingWrite::Kind kind) {
  auto& writes = queue_.writes;
  auto found = queue_.by_name.find(name);
  if (found == queue_.by_name.end()) {
    if (Full()) {
      queue_.by_name.erase(writes.front().name);
      writes.pop_front();
    }
    writes.push_back({.name = name, .kind = kind});
    found = queue_.by_name.emplace(writes.back().name, std::prev(writes.end())).first;
  } else if (found->second->failed) {
    // Failed writes stay together at the front.
    writes.splice(writes.end(), writes, found->second);
  }
  found->second->failed = false;
  return *found->second;
}

const std::list<PendingWrite>& PendingWrites::Take() {
  std::swap(queue_, batch_);
  return batch_.writes;
}

PendingWrites::Queue PendingWrites::Settle(bool written) {
  Queue batch = std::exchange(batch_, {});
  if (written) return batch;

  std::list<PendingWrite> settled;
  auto after_failed = queue_.writes.begin();
  while (!batch.writes.empty()) {
    const auto write = batch.writes.begin();
    settled.push_back({.name = {}, .kind = write->kind, .done = std::move(write->done)});
    write->done.clear();
    if (auto newer = queue_.by_name.find(write->name); newer != queue_.by_name.end()) {
      auto& requests = newer->second->requests;
      requests.insert(requests.begin(), std::make_move_iterator(write->requests.begin()),
                      std::make_move_iterator(write->requests.end()));
      settled.splice(settled.end(), batch.writes, write);
      continue;
    }
    write->failed = true;
    queue_.writes.splice(after_failed, batch.writes, write);
    queue_.by_name.emplace(write->name, write);
  }
  batch.writes = std::move(settled);
  return batch;
}

std::shared_ptr<const v1::Termination> PendingWrites::Find(const std::string& name) const {
  for (const Queue* queue : {&queue_, &batch_}) {
    if (auto found = queue->by_name.find(name); found != queue->by_name.end())
      return found->second->termination;
  }
  return nullptr;
}

std::vector<std::shared_ptr<const v1::Termination>> PendingWrites::Snapshot() const {
  std::vector<std::shared_ptr<const v1::Termination>> all;
  all.reserve(queue_.writes.size() + batch_.writes.size());
  for (const PendingWrite& write : queue_.writes) {
    if (write.termination) all.push_back(write.termination);
  }
  for (const PendingWrite& write : batch_.writes) {
    if (write.termination && !queue_.by_name.contains(write.name)) all.push_back(write.termination);
  }
  return all;
}

template <typename Value>
std::map<std::string, Value> PendingWrites::SnapshotOf(PendingWrite::Kind kind,
                                                       Value PendingWrite::*value) const {
  std::map<std::string, Value> all;
  for (const Queue* queue : {&queue_, &batch_}) {
    for (const PendingWrite& write : queue->writes) {
      if (write.kind == kind) all.emplace(write.name, write.*value);
    }
  }
  return all;
}

std::map<std::string, std::shared_ptr<const v1::CancelPolicy>> PendingWrites::PolicySnapshot() const {
  return SnapshotOf(PendingWrite::Kind::kPolicy, &PendingWrite::policy);
}

std::map<std::string, std::shared_ptr<const CallRecord>> PendingWrites::CallSnapshot() const {
  return SnapshotOf(PendingWrite::Kind::kCall, &PendingWrite::call);
}

}  // namespace adieu::store
