#pragma once

#include <array>
#include <atomic>
#include <thread>
#include <utility>

namespace adieu::engine {

// A value that any number of threads copy without ever waiting, while one at a time replaces it (the
// left-right scheme: two instances, of which readers use the one that is not being written). For values that
// are cheap to copy: a writer waits for the copies that are being made.
template <typename T>
class Published {
 public:
  explicit Published(T value) : values_{value, value} {}
  Published(const Published&) = delete;
  Published& operator=(const Published&) = delete;

  T Get() const {
    std::atomic<int>& readers = readers_[turn_.load()];
    ++readers;
    T copy = values_[side_.load()];
    --readers;
    return copy;
  }

  // One thread at a time. Every Get that begins after it returns gives the new value.
  void Set(T value) {
    const size_t old_side = side_.load();
    values_[1 - old_side] = value;
    side_ = 1 - old_side;
    const size_t old_turn = turn_.load();
    AwaitReaders(1 - old_turn);
    turn_ = 1 - old_turn;
    AwaitReaders(old_turn);
    values_[old_side] = std::move(value);
  }

 private:
  void AwaitReaders(size_t turn) const {
    while (readers_[turn].load() != 0) std::this_thread::yield();
  }

  // Which value readers copy, and where they are counted.
  std::atomic<size_t> side_{0};
  std::atomic<size_t> turn_{0};
  mutable std::array<std::atomic<int>, 2> readers_{};
  std::array<T, 2> values_;
};

}  // namespace adieu::engine
