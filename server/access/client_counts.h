#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace adieu::access {

// How much of something each client has at once. Any thread.
class ClientCounts {
 public:
  explicit ClientCounts(size_t per_client) : per_client_(per_client) {}

  // One of them. Gives it back when it is destroyed; ClientCounts must outlive it.
  class Ticket {
   public:
    Ticket(ClientCounts* counts, std::string client) : counts_(counts), client_(std::move(client)) {}
    ~Ticket() { counts_->Leave(client_); }
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

   private:
    ClientCounts* const counts_;
    const std::string client_;
  };

  // Null: the client has as many as it may.
  std::unique_ptr<Ticket> Enter(const std::string& client) {
    std::lock_guard lock(mutex_);
    size_t& count = counts_[client];
    if (count >= per_client_) return nullptr;
    ++count;
    return std::make_unique<Ticket>(this, client);
  }

 private:
  void Leave(const std::string& client) {
    std::lock_guard lock(mutex_);
    const auto count = counts_.find(client);
    if (--count->second == 0) counts_.erase(count);
  }

  const size_t per_client_;
  std::mutex mutex_;
  // Guarded by mutex_. Clients that have none are not kept.
  std::unordered_map<std::string, size_t> counts_;
};

}  // namespace adieu::access
