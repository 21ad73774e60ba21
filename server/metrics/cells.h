#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>

#include <array>
#include <atomic>
#include <cstddef>

namespace adieu::metrics {

// The counters of one family under an index 0 to N-1, made when they are first counted, so that a series
// exists only for what happened and counting costs one load and one add. Any thread. Does not own the family.
template <size_t N>
class CounterCells {
 public:
  // `labels` gives the labels of an index; it is called while the counter is made, more than once when
  // threads meet.
  template <typename LabelsOf>
  void Increment(size_t index, prometheus::Family<prometheus::Counter>& family, LabelsOf labels) {
    At(index, family, labels).Increment();
  }

  template <typename LabelsOf>
  prometheus::Counter& At(size_t index, prometheus::Family<prometheus::Counter>& family, LabelsOf labels) {
    std::atomic<prometheus::Counter*>& cell = cells_[index];
    prometheus::Counter* counter = cell.load(std::memory_order_acquire);
    if (counter == nullptr) {
      // Add gives the same counter for the same labels, so threads that meet here agree.
      counter = &family.Add(labels());
      cell.store(counter, std::memory_order_release);
    }
    return *counter;
  }

 private:
  std::array<std::atomic<prometheus::Counter*>, N> cells_ = {};
};

}  // namespace adieu::metrics
