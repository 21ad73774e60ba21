// How jemalloc, which adieud is linked with, keeps the memory that calls have given back: three seconds for
// the next ones, then a thread of its own returns it to the system. That thread runs while a MemoryIsReturned
// lives, and has ended before the process does: while a process exits it would complain. Without jemalloc
// (sanitizers) nothing happens.

#pragma once

namespace adieu {

class MemoryIsReturned {
 public:
  MemoryIsReturned();
  ~MemoryIsReturned();
  MemoryIsReturned(const MemoryIsReturned&) = delete;
  MemoryIsReturned& operator=(const MemoryIsReturned&) = delete;
};

}  // namespace adieu
