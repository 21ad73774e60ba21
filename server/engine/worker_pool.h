#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "server/metrics/metrics.h"

namespace adieu::engine {

// What became of one submitted task. Shared by its submitter and the queue, either of which may be done
// first.
class Ticket {
 public:
  // True: the task has not begun and never will. Any thread.
  bool Cancel() { return Settle(); }

 private:
  friend class WorkerPool;
  // Of a worker and a canceller, one gets true.
  bool Settle() { return !settled_.exchange(true); }

  std::atomic<bool> settled_{false};
};

// A fixed number of threads. Tasks of one key run in order, one at a time. Any thread may submit; who may
// wait for as long as one task takes can stand in for an idle worker, which saves a wake-up. The destructor
// runs what waits, then ends the threads.
class WorkerPool {
 public:
  using Task = std::function<void()>;

  // `workers` 1 or more; `limit`: submitted tasks that may wait. `metrics` must outlive the pool.
  WorkerPool(size_t workers, size_t limit, metrics::Metrics* metrics);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Null: `limit` tasks wait already, nothing was done.
  std::shared_ptr<Ticket> Submit(const std::string& key, Task task);

  // As Submit, but when the worker of this key is idle the task runs before this returns, on this thread.
  std::shared_ptr<Ticket> RunOrSubmit(const std::string& key, Task task);

  // For tasks that finish what was accepted: their number is bounded by that of the live calls, not by
  // `limit`.
  void Post(const std::string& key, Task task);

  // Runs what waits and ends the threads; what comes later is dropped. May be called twice.
  void Stop();

 private:
  struct Item {
    Task task;
    // Null: posted, cannot be cancelled and does not count.
    std::shared_ptr<Ticket> ticket;
  };
  struct Worker {
    std::mutex mutex;
    std::condition_variable arrived;
    // Guarded by mutex.
    std::deque<Item> items;
    // A task runs, on whatever thread.
    bool busy = false;
    bool stop = false;
    std::thread thread;
  };

  Worker& WorkerOf(const std::string& key);
  // Null: too many wait.
  std::shared_ptr<Ticket> TakePlace();
  void Push(Worker* worker, Item item);
  void RunTask(const Task& task);
  void Run(Worker* worker);

  const size_t limit_;
  metrics::Metrics* const metrics_;
  // Submitted tasks that wait.
  std::atomic<size_t> waiting_{0};
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace adieu::engine
