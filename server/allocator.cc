#include "server/allocator.h"

#include <cstddef>

extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "dirty_decay_ms:3000,muzzy_decay_ms:0";

__attribute__((weak)) int mallctl(const char* name, void* old, size_t* old_size, void* value, size_t size);
}

namespace adieu {
namespace {

void RunThread(bool on) {
  if (mallctl != nullptr) mallctl("background_thread", nullptr, nullptr, &on, sizeof(on));
}

}  // namespace

MemoryIsReturned::MemoryIsReturned() { RunThread(true); }
MemoryIsReturned::~MemoryIsReturned() { RunThread(false); }

}  // namespace adieu
