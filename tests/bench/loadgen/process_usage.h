#pragma once

#include <sys/types.h>

#include <cstdint>

namespace adieu::bench {

// CPU time of a process so far, user and system, in microseconds; the kernel counts in steps of 10 ms. 0 when
// there is no such process.
int64_t CpuMicroseconds(pid_t pid);

// Resident memory in kB; 0 when there is no such process.
int64_t ResidentKilobytes(pid_t pid);

}  // namespace adieu::bench
