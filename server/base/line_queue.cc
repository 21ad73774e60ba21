#include "server/base/line_queue.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

namespace adieu::base {
namespace {

constexpr std::chrono::milliseconds kGather{20};
constexpr size_t kWriteAtOnce = 1 << 16;

}  // namespace

void WriteAll(int fd, const std::string& text) {
  for (size_t written = 0; written < text.size();) {
    const ssize_t count = ::write(fd, text.data() + written, text.size() - written);
    if (count < 0 && errno != EINTR) return;
    if (count > 0) written += static_cast<size_t>(count);
  }
}

LineQueue::LineQueue(int fd) : fd_(fd), thread_([this] { Run(); }) {}

LineQueue::~LineQueue() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  woken_.notify_one();
  thread_.join();
}

void LineQueue::Add(std::string line, bool urgent) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    if (lines_.size() < kMaxLines) {
      lines_.push_back(std::move(line));
    } else {
      lines_[oldest_] = std::move(line);
      oldest_ = (oldest_ + 1) % kMaxLines;
      ++dropped_;
    }
    wake = idle_ || (urgent && !urgent_);
    idle_ = false;
    urgent_ = urgent_ || urgent;
  }
  if (wake) woken_.notify_one();
}

size_t LineQueue::dropped() const {
  std::lock_guard lock(mutex_);
  return dropped_;
}

bool LineQueue::Take(std::vector<std::string>* lines) {
  std::unique_lock lock(mutex_);
  idle_ = lines_.empty();
  woken_.wait(lock, [this] { return stop_ || !lines_.empty(); });
  idle_ = false;
  woken_.wait_for(lock, kGather, [this] { return stop_ || urgent_; });
  urgent_ = false;
  lines->swap(lines_);
  std::rotate(lines->begin(), lines->begin() + static_cast<std::ptrdiff_t>(std::exchange(oldest_, 0)),
              lines->end());
  return !lines->empty();
}

void LineQueue::Run() {
  pthread_setname_np(pthread_self(), "log");
  std::vector<std::string> lines;
  std::string text;
  while (Take(&lines)) {
    for (const std::string& line : lines) {
      text += line;
      if (text.size() < kWriteAtOnce) continue;
      WriteAll(fd_, text);
      text.clear();
    }
    WriteAll(fd_, text);
    text.clear();
    lines.clear();
  }
}

}  // namespace adieu::base
