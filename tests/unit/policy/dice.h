#pragma once

#include <cstddef>
#include <random>
#include <vector>

namespace adieu::policy {

// What tests that make their cases at random throw: the same seed gives the same cases. One thread.
class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}

  int Upto(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  bool OneIn(int n) { return Upto(n) == 0; }

  template <typename T>
  const T& Of(const std::vector<T>& from) {
    return from[static_cast<size_t>(Upto(static_cast<int>(from.size())))];
  }

 private:
  std::mt19937 random_;
};

}  // namespace adieu::policy
