#pragma once

#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/engine/order.h"

namespace adieu::engine {

// Lets one of several requests with the same id through at a time; the others wait for what becomes of it.
// Any thread. Holds at most one entry per worker.
class RequestGate {
 public:
  enum class Entry {
    // Go on; call Leave when the store knows the id, or when there is nothing to know.
    kFirst,
    // The same request is being decided: the waiter was taken and comes out of Leave.
    kJoined,
    // Another request with this id is being decided.
    kOther,
  };

  Entry Enter(const std::string& key, const std::string& fingerprint, Waiter* waiter);
  std::vector<Waiter> Leave(const std::string& key);

 private:
  struct Deciding {
    std::string fingerprint;
    std::vector<Waiter> joined;
  };

  std::mutex mutex_;
  // Guarded by mutex_.
  std::unordered_map<std::string, Deciding> deciding_;
};

}  // namespace adieu::engine
