#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "server/engine/call_registry.h"
#include "server/policy/matcher.h"

namespace adieu::engine {

// Finds the calls of a sweep among those that live when it is made, piece by piece, so that nobody waits for
// the whole. One thread; the registry must outlive it.
class SweepSearch {
 public:
  SweepSearch(const CallRegistry& registry, policy::Matcher matcher);

  // Looks at so many more calls. True: that were all.
  bool Look(size_t calls);

  // Those that match and could be ended, the oldest first.
  std::deque<std::string>& found() { return found_; }

 private:
  const CallRegistry& registry_;
  const policy::Matcher matcher_;
  const std::chrono::system_clock::time_point now_;
  std::vector<std::string> candidates_;
  size_t looked_ = 0;
  std::deque<std::string> found_;
};

}  // namespace adieu::engine
