#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace adieu::config {

// Sees that files change: looks at them once in a while, on a thread of its own, and follows links. Made and
// destroyed by one thread; the destructor ends the thread, after the call that it makes.
class FileWatch {
 public:
  // Files that are read together.
  struct Group {
    // Which they are now.
    std::function<std::vector<std::string>()> files;
    // Called on the thread for the first time soon after the start, then when one of the files is not as it
    // was at the last call and none has changed between two looks; also every ten looks after a call that
    // said false: they are no good.
    std::function<bool()> read;
  };

  FileWatch(std::vector<Group> groups, std::chrono::milliseconds pause);
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

 private:
  // What tells one version of a file from another; zeros: there is none.
  struct Version {
    uint64_t device = 0;
    uint64_t inode = 0;
    int64_t size = 0;
    int64_t modified_ns = 0;
    int64_t changed_ns = 0;

    bool operator==(const Version&) const = default;
  };
  using Versions = std::vector<Version>;
  struct Watched {
    Group group;
    // At the last look, and at the last call.
    Versions seen;
    Versions read;
    int looks_until_retry = 0;
  };

  static Version VersionOf(const std::string& file);
  static void Look(Watched* watched);
  void Run(std::chrono::milliseconds pause);

  // Belongs to the thread.
  std::vector<Watched> watched_;
  std::mutex mutex_;
  std::condition_variable stopping_;
  // Guarded by mutex_.
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace adieu::config
