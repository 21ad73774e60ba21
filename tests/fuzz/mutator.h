// Makes new inputs of old ones: for the fuzzers. The inputs depend on the seed alone. One thread.

#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace adieu::fuzz {

class Mutator {
 public:
  // `words`: what is put in.
  Mutator(std::vector<std::string> words, uint32_t seed) : words_(std::move(words)), random_(seed) {}

  // 0 to `limit` - 1.
  size_t Upto(size_t limit) { return random_() % limit; }

  template <typename T>
  const T& Of(const std::vector<T>& from) {
    return from[Upto(from.size())];
  }

  // One to six changes of `text`; some of them put in parts of `other`. At most 64 KiB.
  std::string Mutate(std::string text, const std::string& other);

 private:
  void Step(const std::string& other, std::string& text);

  const std::vector<std::string> words_;
  std::mt19937 random_;
};

}  // namespace adieu::fuzz
