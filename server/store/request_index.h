#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

#include "server/store/store.h"

namespace adieu::store {

// The request ids that are known, oldest first. Not thread-safe: its owner's mutex guards it.
class RequestIndex {
 public:
  // At least one record.
  explicit RequestIndex(std::size_t max_records);
  RequestIndex(RequestIndex&&) = default;

  // False: the id is known, nothing was changed. The oldest record makes room.
  bool Add(RequestRecord record);
  std::optional<RequestRecord> Find(const std::string& method, const std::string& principal,
                                    const std::string& request_id) const;
  // Forgets what is older.
  void Expire(std::chrono::system_clock::time_point before);

 private:
  void DropOldest();

  std::size_t max_records_;
  std::list<RequestRecord> oldest_first_;
  std::unordered_map<std::string, std::list<RequestRecord>::const_iterator> by_key_;
};

}  // namespace adieu::store
