#include "tests/bench/loadgen/target.h"

#include <random>

namespace adieu::bench {

std::string NewRun() {
  constexpr char kLetters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device random;
  std::string run;
  for (int i = 0; i < 10; ++i) run += kLetters[random() % (sizeof(kLetters) - 1)];
  return run;
}

}  // namespace adieu::bench
