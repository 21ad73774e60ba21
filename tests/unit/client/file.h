#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace adieu {

// A file with this text, gone with the value.
class File {
 public:
  explicit File(const std::string& text, const std::string& ending = ".yaml")
      : path_(::testing::TempDir() + "adieu_" + std::to_string(getpid()) + "_" + std::to_string(count_++) +
              ending) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~File() { std::remove(path_.c_str()); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& path() const { return path_; }

 private:
  static inline int count_ = 0;
  std::string path_;
};

}  // namespace adieu
