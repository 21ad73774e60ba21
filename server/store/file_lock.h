#pragma once

#include <string>

#include "server/base/error.h"

namespace adieu::store {

// Holds a file for one owner among all processes of this machine, until destroyed or the process ends,
// however it ends (flock).
class FileLock {
 public:
  // Creates the file when it is not there; it stays behind. UNAVAILABLE: somebody holds it, or why it cannot
  // be.
  static base::Result<FileLock> Take(const std::string& path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace adieu::store
