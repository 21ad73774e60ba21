#include "server/engine/report_queue.h"

#include <pthread.h>

#include <utility>

namespace adieu::engine {

ReportQueue::ReportQueue(Handle handle) : handle_(std::move(handle)), thread_([this] { Run(); }) {}

ReportQueue::~ReportQueue() { Stop(); }

void ReportQueue::Add(Report report) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    if (stop_) return;
    reports_.push_back(std::move(report));
    wake = std::exchange(idle_, false);
  }
  if (wake) woken_.notify_one();
}

void ReportQueue::HandOver() {
  After after;
  {
    std::lock_guard in_order(handling_);
    std::vector<Report> taken;
    {
      std::lock_guard lock(mutex_);
      taken.swap(reports_);
    }
    if (!taken.empty()) after = handle_(std::move(taken));
  }
  if (after) after();
}

void ReportQueue::Run() {
  pthread_setname_np(pthread_self(), "reports");
  std::unique_lock lock(mutex_);
  for (;;) {
    while (reports_.empty() && !stop_) {
      // Anew each time: HandOver may have taken what it was woken for.
      idle_ = true;
      woken_.wait(lock);
    }
    idle_ = false;
    if (reports_.empty()) return;
    const auto next = std::chrono::steady_clock::now() + kPace;
    lock.unlock();
    HandOver();
    lock.lock();
    woken_.wait_until(lock, next, [this] { return stop_; });
  }
}

void ReportQueue::Stop() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  woken_.notify_one();
  if (thread_.joinable()) thread_.join();
}

}  // namespace adieu::engine
