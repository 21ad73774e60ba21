#include "server/engine/worker_pool.h"

#include <utility>

namespace adieu::engine {

WorkerPool::WorkerPool(size_t workers, size_t limit, metrics::Metrics* metrics)
    : limit_(limit), metrics_(metrics) {
  for (size_t i = 0; i < workers; ++i) workers_.push_back(std::make_unique<Worker>());
  for (const auto& worker : workers_) worker->thread = std::thread([this, w = worker.get()] { Run(w); });
  metrics_->SetWorkers(workers);
}

WorkerPool::~WorkerPool() { Stop(); }

std::shared_ptr<Ticket> WorkerPool::Submit(const std::string& key, Task task) {
  size_t waiting = waiting_.load();
  do {
    if (waiting >= limit_) return nullptr;
  } while (!waiting_.compare_exchange_weak(waiting, waiting + 1));
  metrics_->SetQueueDepth(waiting + 1);
  auto ticket = std::make_shared<Ticket>();
  Push(key, {std::move(task), ticket});
  return ticket;
}

void WorkerPool::Post(const std::string& key, Task task) { Push(key, {std::move(task), nullptr}); }

void WorkerPool::Push(const std::string& key, Item item) {
  Worker& worker = *workers_[std::hash<std::string>()(key) % workers_.size()];
  {
    std::lock_guard lock(worker.mutex);
    worker.items.push_back(std::move(item));
  }
  worker.arrived.notify_one();
}

void WorkerPool::Run(Worker* worker) {
  std::unique_lock lock(worker->mutex);
  for (;;) {
    worker->arrived.wait(lock, [worker] { return worker->stop || !worker->items.empty(); });
    if (worker->items.empty()) return;
    Item item = std::move(worker->items.front());
    worker->items.pop_front();
    lock.unlock();
    if (item.ticket) metrics_->SetQueueDepth(--waiting_);
    if (!item.ticket || item.ticket->Settle()) {
      metrics_->AddWorkersBusy(1);
      item.task();
      metrics_->AddWorkersBusy(-1);
    }
    item = {};
    lock.lock();
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
