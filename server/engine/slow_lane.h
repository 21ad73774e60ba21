#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace adieu::engine {

// One thread for what may take a second and must hold up neither gRPC's threads nor the decisions about
// calls: policies that are compiled and explained. Tasks run in order. Any thread may submit. Owned by the
// engine; the destructor stops it.
class SlowLane {
 public:
  using Task = std::function<void()>;

  // `limit`: tasks that may wait.
  explicit SlowLane(size_t limit);
  ~SlowLane();
  SlowLane(const SlowLane&) = delete;
  SlowLane& operator=(const SlowLane&) = delete;

  // False: `limit` tasks wait already, or it was stopped; nothing will be done.
  bool Submit(Task task);

  // Runs what waits and ends the thread. May be called twice.
  void Stop();

 private:
  void Run();

  const size_t limit_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  // Guarded by mutex_.
  std::deque<Task> tasks_;
  bool stop_ = false;

  // Last: it uses everything above.
  std::thread thread_;
};

}  // namespace adieu::engine
