#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace adieu::base {

// Lines on their way to a file descriptor, written by a thread of its own, many with one system call: the
// first line waits up to 20 ms for others unless it is urgent. When kMaxLines wait the oldest are dropped.
// Owned by the log; any thread may add. The destructor writes what waits and ends the thread.
class LineQueue {
 public:
  static constexpr size_t kMaxLines = 8192;

  explicit LineQueue(int fd);
  ~LineQueue();
  LineQueue(const LineQueue&) = delete;
  LineQueue& operator=(const LineQueue&) = delete;

  // `line` ends in a line break. Does not wait for the descriptor.
  void Add(std::string line, bool urgent);
  size_t dropped() const;

 private:
  // Waits for lines; false: there are none, and none will come.
  bool Take(std::vector<std::string>* lines);
  void Run();

  const int fd_;
  mutable std::mutex mutex_;
  // Guarded by mutex_. A ring when it is full: the oldest line is at oldest_.
  std::vector<std::string> lines_;
  size_t oldest_ = 0;
  size_t dropped_ = 0;
  // The thread waits for the first line.
  bool idle_ = false;
  bool urgent_ = false;
  bool stop_ = false;
  std::condition_variable woken_;
  // Last: it uses everything above.
  std::thread thread_;
};

// Writes all of it, or what the descriptor takes before it fails.
void WriteAll(int fd, const std::string& text);

}  // namespace adieu::base
