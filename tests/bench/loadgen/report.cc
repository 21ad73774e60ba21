#include "tests/bench/loadgen/report.h"

#include <cstdio>

namespace adieu::bench {

Report::Report(std::string_view mode) : json_("{\"mode\":\"" + std::string(mode) + "\""), line_(mode) {}

void Report::Add(std::string_view key, double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f", digits, value);
  json_.append(",\"").append(key).append("\":").append(text);
  line_.append("  ").append(key).append(" ").append(text);
}

void Report::Print() const {
  PrintLine();
  std::printf("%s}\n", json_.c_str());
  std::fflush(stdout);
}

void Report::PrintLine() const { std::fprintf(stderr, "%s\n", line_.c_str()); }

}  // namespace adieu::bench
