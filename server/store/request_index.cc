#include "server/store/request_index.h"

#include <utility>

namespace adieu::store {
namespace {

// Unambiguous: neither a method nor a request id has a NUL.
std::string Key(const std::string& method, const std::string& principal, const std::string& request_id) {
  std::string key;
  key.reserve(method.size() + principal.size() + request_id.size() + 2);
  key.append(method).push_back('\0');
  key.append(principal).push_back('\0');
  key.append(request_id);
  return key;
}

}  // namespace

RequestIndex::RequestIndex(std::size_t max_records) : max_records_(max_records) {
  // Growing would move a million entries while everybody waits for the mutex.
  by_key_.reserve(max_records);
}

bool RequestIndex::Add(RequestRecord record) {
  auto [place, added] = by_key_.try_emplace(Key(record.method, record.principal, record.request_id));
  if (!added) return false;
  oldest_first_.push_back(std::move(record));
  place->second = std::prev(oldest_first_.end());
  if (oldest_first_.size() > max_records_) DropOldest();
  return true;
}

std::optional<RequestRecord> RequestIndex::Find(const std::string& method, const std::string& principal,
                                                const std::string& request_id) const {
  auto found = by_key_.find(Key(method, principal, request_id));
  if (found == by_key_.end()) return std::nullopt;
  return *found->second;
}

void RequestIndex::Expire(std::chrono::system_clock::time_point before) {
  while (!oldest_first_.empty() && oldest_first_.front().time < before) DropOldest();
}

void RequestIndex::DropOldest() {
  const RequestRecord& oldest = oldest_first_.front();
  by_key_.erase(Key(oldest.method, oldest.principal, oldest.request_id));
  oldest_first_.pop_front();
}

}  // namespace adieu::store
