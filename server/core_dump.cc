#include "server/core_dump.h"

#include <sys/resource.h>

namespace adieu {

void RefuseCoreDumps() {
  rlimit limit{};
  if (getrlimit(RLIMIT_CORE, &limit) != 0) return;
  limit.rlim_cur = 0;
  setrlimit(RLIMIT_CORE, &limit);
}

}  // namespace adieu
