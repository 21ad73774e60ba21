#include "server/config/file_watch.h"

#include <pthread.h>
#include <sys/stat.h>

#include <utility>

namespace adieu::config {
namespace {

constexpr int kLooksUntilRetry = 10;

int64_t Nanoseconds(const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; }

}  // namespace

FileWatch::FileWatch(std::vector<Group> groups, std::chrono::milliseconds pause) {
  for (Group& group : groups) watched_.push_back({.group = std::move(group)});
  thread_ = std::thread([this, pause] { Run(pause); });
}

FileWatch::~FileWatch() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopping_.notify_all();
  thread_.join();
}

FileWatch::Version FileWatch::VersionOf(const std::string& file) {
  struct stat status = {};
  if (stat(file.c_str(), &status) != 0) return {};
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = status.st_size,
          .modified_ns = Nanoseconds(status.st_mtim),
          .changed_ns = Nanoseconds(status.st_ctim)};
}

void FileWatch::Look(Watched* watched) {
  Versions now;
  for (const std::string& file : watched->group.files()) now.push_back(VersionOf(file));
  const bool still = now == watched->seen;
  watched->seen = now;
  // What is being written is not read.
  if (!still) return;
  const bool retry = watched->looks_until_retry > 0 && --watched->looks_until_retry == 0;
  if (now == watched->read && !retry) return;
  watched->read = std::move(now);
  watched->looks_until_retry = watched->group.read() ? 0 : kLooksUntilRetry;
}

void FileWatch::Run(std::chrono::milliseconds pause) {
  pthread_setname_np(pthread_self(), "file-watch");
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, pause, [this] { return stop_; })) {
    lock.unlock();
    for (Watched& watched : watched_) Look(&watched);
    lock.lock();
  }
}

}  // namespace adieu::config
