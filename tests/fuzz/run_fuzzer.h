// The main program of a fuzzer in memory: `NAME SECONDS [SEED]`. Without a seed it draws one; it prints it.
// `Fuzz` is made from the seed; its Round() is false when something was found, and told.

#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace adieu::fuzz {

// The exit code.
template <typename Fuzz>
int RunFuzzer(const char* name, int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: %s SECONDS [SEED]\n", name);
    return 2;
  }
  const double seconds = std::strtod(argv[1], nullptr);
  const uint32_t seed =
      argc == 3 ? static_cast<uint32_t>(std::strtoul(argv[2], nullptr, 10)) : std::random_device()();
  std::printf("%s: seed %u, %.0f s\n", name, seed, seconds);
  std::fflush(stdout);
  Fuzz fuzz(seed);
  const auto begin = std::chrono::steady_clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  while (elapsed() < seconds) {
    if (!fuzz.Round()) {
      std::fprintf(stderr, "%s: seed %u\n", name, seed);
      return 1;
    }
  }
  fuzz.Report(elapsed());
  return 0;
}

}  // namespace adieu::fuzz
