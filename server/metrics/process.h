#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

namespace adieu::metrics {

// The process_* metrics that every Prometheus client gives, read from /proc/self when Prometheus asks. What
// cannot be read is left out. Any thread.
class ProcessCollector : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace adieu::metrics
