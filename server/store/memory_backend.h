#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/store/backend.h"

namespace adieu::store {

// Keeps terminations, policies and calls in this process's memory. Never fails.
class MemoryBackend final : public Backend {
 public:
  explicit MemoryBackend(std::size_t max_terminations);

  std::optional<base::Error> Write(const std::list<PendingWrite>& writes,
                                   const Retention& retention) override;
  base::Result<std::optional<v1::Termination>> Get(const std::string& name) override;
  base::Result<Rows> Read(const Selection& selection, std::size_t max_found,
                          std::size_t max_examined) override;
  base::Result<std::vector<v1::CancelPolicy>> Policies() override;
  base::Result<std::map<std::string, CallRecord>> Calls() override;

 private:
  using Terminations = std::map<Position, std::shared_ptr<const v1::Termination>, std::greater<>>;

  // The caller holds mutex_.
  void Insert(const std::shared_ptr<const v1::Termination>& termination);
  void DropOldest();

  const std::size_t max_terminations_;
  std::mutex mutex_;
  // Guarded by mutex_. Newest first.
  Terminations newest_first_;
  // Guarded by mutex_.
  std::unordered_map<std::string, Terminations::iterator> by_name_;
  // Guarded by mutex_.
  std::map<std::string, std::shared_ptr<const v1::CancelPolicy>> policies_;
  // Guarded by mutex_.
  std::unordered_map<std::string, std::shared_ptr<const CallRecord>> calls_;
};

}  // namespace adieu::store
