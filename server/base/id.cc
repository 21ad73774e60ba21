#include "server/base/id.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace adieu::base {
namespace {

constexpr size_t kIdBytes = 16;
constexpr size_t kIdCharacters = 26;

// Random bytes of one thread: one system call feeds many ids.
class Pool {
 public:
  // The next kIdBytes bytes, used once.
  const uint8_t* Take() {
    if (used_ == bytes_.size()) Refill();
    const uint8_t* taken = bytes_.data() + used_;
    used_ += kIdBytes;
    return taken;
  }

 private:
  void Refill() {
    size_t filled = 0;
    while (filled < bytes_.size()) {
      const ssize_t got = getrandom(bytes_.data() + filled, bytes_.size() - filled, 0);
      if (got < 0 && errno != EINTR) std::abort();
      if (got > 0) filled += static_cast<size_t>(got);
    }
    used_ = 0;
  }

  std::array<uint8_t, kIdBytes* 64> bytes_ = {};
  size_t used_ = bytes_.size();
};

}  // namespace

std::string NewId() {
  constexpr char kAlphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
  thread_local Pool pool;
  const uint8_t* bytes = pool.Take();
  std::string id(kIdCharacters, 'a');
  // 26 characters hold 130 bits: two zero bits come first, so the first character has three random bits.
  uint32_t bits = 0;
  int count = 2;
  size_t next = 0;
  for (char& c : id) {
    while (count < 5) {
      bits = (bits << 8) | bytes[next++];
      count += 8;
    }
    count -= 5;
    c = kAlphabet[(bits >> count) & 31U];
    bits &= (1U << count) - 1;
  }
  return id;
}

}  // namespace adieu::base
