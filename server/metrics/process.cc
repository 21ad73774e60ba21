#include "server/metrics/process.h"

#include <dirent.h>
#include <prometheus/client_metric.h>
#include <prometheus/metric_type.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

namespace adieu::metrics {
namespace {

using prometheus::MetricType;

// What proc(5) /proc/PID/stat tells, in its units.
struct Stat {
  double cpu_ticks = 0;
  double start_ticks = 0;
  double resident_pages = 0;
};

std::optional<Stat> ReadStat() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  // The name of the program, in parentheses, may contain anything: the fields count from the last `)`.
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(name_end + 1));
  Stat stat;
  std::string skipped;
  for (int field = 3; field <= 13; ++field) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  stat.cpu_ticks = user + system;
  for (int field = 16; field <= 21; ++field) fields >> skipped;
  fields >> stat.start_ticks >> skipped >> stat.resident_pages;
  if (!fields) return std::nullopt;
  return stat;
}

// Seconds since the epoch at which the machine started.
std::optional<double> ReadBootTime() {
  std::ifstream file("/proc/stat");
  std::string key;
  while (file >> key) {
    double value = 0;
    if (key == "btime" && file >> value) return value;
    std::string rest;
    std::getline(file, rest);
  }
  return std::nullopt;
}

std::optional<double> CountOpenFiles() {
  DIR* directory = opendir("/proc/self/fd");
  if (directory == nullptr) return std::nullopt;
  // `.`, `..` and the directory that is being read do not count.
  double count = -3;
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return count;
}

prometheus::MetricFamily Family(const char* name, const char* help, MetricType type, double value) {
  prometheus::ClientMetric metric;
  if (type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  prometheus::MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  family.metric.push_back(std::move(metric));
  return family;
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessCollector::Collect() const {
  std::vector<prometheus::MetricFamily> families;
  const double ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  if (const auto stat = ReadStat()) {
    families.push_back(Family("process_cpu_seconds_total", "CPU time used, user and system.",
                              MetricType::Counter, stat->cpu_ticks / ticks_per_second));
    families.push_back(Family("process_resident_memory_bytes", "Resident memory.", MetricType::Gauge,
                              stat->resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE))));
    if (const auto boot = ReadBootTime()) {
      families.push_back(Family("process_start_time_seconds", "When the process started, since the epoch.",
                                MetricType::Gauge, *boot + stat->start_ticks / ticks_per_second));
    }
  }
  if (const auto files = CountOpenFiles()) {
    families.push_back(Family("process_open_fds", "Open file descriptors.", MetricType::Gauge, *files));
  }
  return families;
}

}  // namespace adieu::metrics
