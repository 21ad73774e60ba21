#include "server/engine/sweep_book.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace adieu::engine {

SweepBook::Entry* SweepBook::Find(const std::string& key) {
  const auto it = entries_.find(key);
  return it == entries_.end() ? nullptr : &it->second;
}

void SweepBook::Add(const std::string& key, std::shared_ptr<Sweep> sweep, std::string fingerprint) {
  entries_[key] = {.sweep = std::move(sweep), .fingerprint = std::move(fingerprint)};
}

void SweepBook::Closed(const std::shared_ptr<Sweep>& sweep, Clock::time_point now) {
  const auto it = std::find_if(entries_.begin(), entries_.end(),
                               [&](const auto& one) { return one.second.sweep == sweep; });
  if (it == entries_.end()) return;
  if (sweep->begun()) {
    it->second.closed = now;
  } else {
    entries_.erase(it);
  }
}

void SweepBook::Forget(Clock::time_point now) {
  std::erase_if(entries_,
                [now](const auto& one) { return one.second.closed && now - *one.second.closed >= kKept; });
  using It = decltype(entries_)::iterator;
  std::vector<It> closed;
  size_t calls = 0;
  for (It it = entries_.begin(); it != entries_.end(); ++it) {
    if (!it->second.closed) continue;
    closed.push_back(it);
    calls += it->second.sweep->left();
  }
  if (entries_.size() <= kSweeps && calls <= kCalls) return;
  std::sort(closed.begin(), closed.end(),
            [](const It& a, const It& b) { return *a->second.closed < *b->second.closed; });
  for (const It& it : closed) {
    const size_t left = it->second.sweep->left();
    if (entries_.size() > kSweeps || (calls > kCalls && left > 0)) {
      calls -= left;
      entries_.erase(it);
    }
  }
}

}  // namespace adieu::engine
