#include "server/base/id.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace adieu::base {
namespace {

constexpr size_t kTimeBytes = 6;
constexpr size_t kRandomBytes = 10;
constexpr size_t kIdCharacters = 26;

// Random bytes of one thread: one system call feeds many ids.
class Pool {
 public:
  // The next kRandomBytes bytes, used once.
  const uint8_t* Take() {
    if (used_ == bytes_.size()) Refill();
    const uint8_t* taken = bytes_.data() + used_;
    used_ += kRandomBytes;
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

  std::array<uint8_t, kRandomBytes* 64> bytes_ = {};
  size_t used_ = bytes_.size();
};

void PutTime(uint8_t* bytes) {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  auto millis =
      static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
  for (size_t i = kTimeBytes; i > 0; --i) {
    bytes[i - 1] = static_cast<uint8_t>(millis);
    millis >>= 8;
  }
}

}  // namespace

std::string NewId() {
  constexpr char kAlphabet[] = "0123456789abcdefghijklmnopqrstuv";
  thread_local Pool pool;
  std::array<uint8_t, kTimeBytes + kRandomBytes> bytes;
  PutTime(bytes.data());
  std::copy_n(pool.Take(), kRandomBytes, bytes.begin() + kTimeBytes);
  std::string id(kIdCharacters, 'a');
  // 26 characters hold 130 bits: two zero bits come first.
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
