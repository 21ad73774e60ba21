#include "server/engine/slow_lane.h"

#include <pthread.h>

#include <utility>

namespace adieu::engine {

SlowLane::SlowLane(size_t limit) : limit_(limit), thread_([this] { Run(); }) {}

SlowLane::~SlowLane() { Stop(); }

bool SlowLane::Submit(Task task) {
  {
    std::lock_guard lock(mutex_);
    if (stop_ || tasks_.size() >= limit_) return false;
    tasks_.push_back(std::move(task));
  }
  arrived_.notify_one();
  return true;
}

void SlowLane::Run() {
  pthread_setname_np(pthread_self(), "slow-lane");
  std::unique_lock lock(mutex_);
  for (;;) {
    arrived_.wait(lock, [this] { return stop_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    {
      const Task task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    }
    lock.lock();
  }
}

void SlowLane::Stop() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  arrived_.notify_one();
  if (thread_.joinable()) thread_.join();
}

}  // namespace adieu::engine
