#pragma once

#include <string>
#include <string_view>
#include <type_traits>

namespace adieu::bench {

// The figures of one run, in the order in which they were added.
class Report {
 public:
  explicit Report(std::string_view mode);

  // `digits` after the decimal point.
  void Add(std::string_view key, double value, int digits);
  template <typename T, typename = std::enable_if_t<std::is_integral_v<T>>>
  void Add(std::string_view key, T value) {
    Add(key, static_cast<double>(value), 0);
  }
  // One JSON object on stdout, the same as a readable line on stderr.
  void Print() const;
  // The readable line only.
  void PrintLine() const;

 private:
  std::string json_;
  std::string line_;
};

}  // namespace adieu::bench
