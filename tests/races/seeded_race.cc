// A data race on purpose: the test passes only when ThreadSanitizer reports it, under the options and
// suppressions that the other tests run with. It proves that the tsan job can fail.

#include <cstdio>
#include <thread>

int main() {
  int unguarded = 0;
  std::thread other([&unguarded] { ++unguarded; });
  ++unguarded;
  other.join();
  std::printf("%d\n", unguarded);
  return 0;
}
