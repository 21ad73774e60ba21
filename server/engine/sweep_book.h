#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "server/engine/sweep.h"

namespace adieu::engine {

// The sweeps that a request id names, for those who come back. Not thread-safe: Sweeps guards it.
class SweepBook {
 public:
  using Clock = Sweep::Clock;

  // Those whose stream closed this long ago are forgotten.
  static constexpr std::chrono::hours kKept{1};
  // So many are kept, and with so many calls left. Those that closed first go first; one with a stream stays.
  static constexpr size_t kSweeps = 1'000;
  static constexpr size_t kCalls = 1'000'000;

  struct Entry {
    std::shared_ptr<Sweep> sweep;
    std::string fingerprint;
    // Of its stream; no value while it is open.
    std::optional<Clock::time_point> closed = {};
  };

  // Null: there is none.
  Entry* Find(const std::string& key);
  void Add(const std::string& key, std::shared_ptr<Sweep> sweep, std::string fingerprint);
  // The stream of this sweep closed. One that has not begun is forgotten at once.
  void Closed(const std::shared_ptr<Sweep>& sweep, Clock::time_point now);
  // Forgets what is too old or too much.
  void Forget(Clock::time_point now);

  size_t size() const { return entries_.size(); }

 private:
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace adieu::engine
