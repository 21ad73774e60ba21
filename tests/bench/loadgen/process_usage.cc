#include "tests/bench/loadgen/process_usage.h"

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace adieu::bench {
namespace {

std::string PathOf(pid_t pid, const char* file) { return "/proc/" + std::to_string(pid) + "/" + file; }

}  // namespace

int64_t CpuMicroseconds(pid_t pid) {
  std::string line;
  std::getline(std::ifstream(PathOf(pid, "stat")), line);
  // The second field, the name, may contain blanks; it ends with the last parenthesis.
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream rest(line.substr(name_end + 1));
  constexpr int kFieldsBeforeUtime = 11;
  std::string skipped;
  for (int i = 0; i < kFieldsBeforeUtime; ++i) rest >> skipped;
  int64_t user = 0;
  int64_t system = 0;
  rest >> user >> system;
  return (user + system) * 1'000'000 / sysconf(_SC_CLK_TCK);
}

int64_t ResidentKilobytes(pid_t pid) {
  std::ifstream file(PathOf(pid, "status"));
  for (std::string word; file >> word;) {
    if (word != "VmRSS:") continue;
    int64_t kilobytes = 0;
    file >> kilobytes;
    return kilobytes;
  }
  return 0;
}

}  // namespace adieu::bench
