#include "server/engine/worker_pool.h"

#include <pthread.h>

#include <utility>

namespace adieu::engine {

WorkerPool::WorkerPool(size_t workers, size_t limit, metrics::Metrics* metrics)
    : limit_(limit), metrics_(metrics) {
  for (size_t i = 0; i < workers; ++i) workers_.push_back(std::make_unique<Worker>());
  for (const auto& worker : workers_) worker->thread = std::thread([this, w = worker.get()] { Run(w); });
  metrics_->SetWorkers(workers);
  metrics_->SetQueueLimit(limit);
}

WorkerPool::~WorkerPool() { Stop(); }

WorkerPool::Worker& WorkerPool::WorkerOf(const std::string& key) {
  return *workers_[std::hash<std::string>()(key) % workers_.size()];
}

std::shared_ptr<Ticket> WorkerPool::TakePlace() {
  size_t waiting = waiting_.load();
  do {
    if (waiting >= limit_) return nullptr;
  } while (!waiting_.compare_exchange_weak(waiting, waiting + 1));
  metrics_->SetQueueDepth(waiting + 1);
  return std::make_shared<Ticket>();
}

std::shared_ptr<Ticket> WorkerPool::Submit(const std::string& key, Task task) {
  auto ticket = TakePlace();
  if (ticket) Push(&WorkerOf(key), {std::move(task), ticket});
  return ticket;
}

std::shared_ptr<Ticket> WorkerPool::RunOrSubmit(const std::string& key, Task task) {
  Worker& worker = WorkerOf(key);
  bool idle = false;
  {
    std::lock_guard lock(worker.mutex);
    idle = !worker.busy && !worker.stop && worker.items.empty();
    if (idle) worker.busy = true;
  }
  if (!idle) return Submit(key, std::move(task));
  auto ticket = std::make_shared<Ticket>();
  ticket->Settle();
  RunTask(task);
  bool wake = false;
  {
    std::lock_guard lock(worker.mutex);
    worker.busy = false;
    wake = !worker.items.empty() || worker.stop;
  }
  if (wake) worker.arrived.notify_one();
  return ticket;
}

void WorkerPool::Post(const std::string& key, Task task) { Push(&WorkerOf(key), {std::move(task), nullptr}); }

void WorkerPool::Push(Worker* worker, Item item) {
  bool wake = false;
  {
    std::lock_guard lock(worker->mutex);
    worker->items.push_back(std::move(item));
    // Who is busy looks for more.
    wake = !worker->busy;
  }
  if (wake) worker->arrived.notify_one();
}

void WorkerPool::RunTask(const Task& task) {
  metrics_->AddWorkersBusy(1);
  task();
  metrics_->AddWorkersBusy(-1);
}

void WorkerPool::Run(Worker* worker) {
  pthread_setname_np(pthread_self(), "worker");
  std::unique_lock lock(worker->mutex);
  for (;;) {
    worker->arrived.wait(lock,
                         [worker] { return !worker->busy && (worker->stop || !worker->items.empty()); });
    if (worker->items.empty()) return;
    Item item = std::move(worker->items.front());
    worker->items.pop_front();
    worker->busy = true;
    lock.unlock();
    if (item.ticket) metrics_->SetQueueDepth(--waiting_);
    if (!item.ticket || item.ticket->Settle()) RunTask(item.task);
    item = {};
    lock.lock();
    worker->busy = false;
  }
}

void WorkerPool::Stop() {
  for (const auto& worker : workers_) {
    {
      std::lock_guard lock(worker->mutex);
      worker->stop = true;
    }
    worker->arrived.notify_one();
  }
  for (const auto& worker : workers_) {
    if (worker->thread.joinable()) worker->thread.join();
  }
}

}  // namespace adieu::engine
