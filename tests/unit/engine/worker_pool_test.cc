#include "server/engine/worker_pool.h"

#include <gtest/gtest.h>

#include <future>
#include <set>

#include "tests/unit/engine/fakes.h"

namespace adieu::engine {
namespace {

// Holds a worker until the test lets it go.
class Gate {
 public:
  WorkerPool::Task Task() {
    return [this] {
      entered_.set_value();
      EXPECT_EQ(open_.get_future().wait_for(kPatience), std::future_status::ready);
    };
  }
  void WaitEntered() { ASSERT_EQ(entered_.get_future().wait_for(kPatience), std::future_status::ready); }
  void Open() { open_.set_value(); }

 private:
  std::promise<void> entered_;
  std::promise<void> open_;
};

class WorkerPoolTest : public testing::Test {
 protected:
  metrics::Metrics metrics_{"test"};
};

TEST_F(WorkerPoolTest, TasksOfOneKeyRunInOrder) {
  Inbox<int> done;
  {
    WorkerPool pool(4, 10'000, &metrics_);
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(pool.Submit("one", [&done, i] { done.Put(i); }));
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(done.Take(), i);
  }
}

TEST_F(WorkerPoolTest, KeysShareTheWorkers) {
  WorkerPool pool(2, 100, &metrics_);
  Inbox<std::thread::id> done;
  for (int i = 0; i < 50; ++i) {
    pool.Submit(std::to_string(i), [&done] { done.Put(std::this_thread::get_id()); });
  }
  std::set<std::thread::id> threads;
  for (int i = 0; i < 50; ++i) threads.insert(*done.Take());
  EXPECT_EQ(threads.size(), 2u);
}

TEST_F(WorkerPoolTest, AFullQueueRefuses) {
  WorkerPool pool(1, 2, &metrics_);
  Gate gate;
  Inbox<int> done;
  ASSERT_TRUE(pool.Submit("k", gate.Task()));
  gate.WaitEntered();
  EXPECT_TRUE(pool.Submit("k", [&] { done.Put(1); }));
  EXPECT_TRUE(pool.Submit("k", [&] { done.Put(2); }));
  EXPECT_FALSE(pool.Submit("k", [&] { done.Put(3); }));
  pool.Post("k", [&] { done.Put(4); });
  gate.Open();
  EXPECT_EQ(done.Take(), 1);
  EXPECT_EQ(done.Take(), 2);
  EXPECT_EQ(done.Take(), 4) << "posted tasks are never refused";
  EXPECT_TRUE(pool.Submit("k", [&] { done.Put(5); }));
  EXPECT_EQ(done.Take(), 5);
}

TEST_F(WorkerPoolTest, ACancelledTaskNeverRuns) {
  Inbox<int> done;
  WorkerPool pool(1, 10, &metrics_);
  Gate gate;
  const auto running = pool.Submit("k", gate.Task());
  gate.WaitEntered();
  const auto waiting = pool.Submit("k", [&] { done.Put(1); });
  pool.Submit("k", [&] { done.Put(2); });
  EXPECT_FALSE(running->Cancel());
  EXPECT_TRUE(waiting->Cancel());
  EXPECT_FALSE(waiting->Cancel());
  gate.Open();
  EXPECT_EQ(done.Take(), 2);
}

TEST_F(WorkerPoolTest, TheCallerStandsInForAnIdleWorker) {
  WorkerPool pool(1, 10, &metrics_);
  std::vector<int> done;
  const auto caller = std::this_thread::get_id();
  const auto ticket = pool.RunOrSubmit("k", [&] {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    // What comes meanwhile waits for this task, and is then the worker's.
    pool.Post("k", [&] { done.push_back(2); });
    EXPECT_NE(pool.RunOrSubmit("k", [&] { done.push_back(3); }), nullptr);
    done.push_back(1);
  });
  EXPECT_FALSE(ticket->Cancel());
  pool.Stop();
  EXPECT_EQ(done, (std::vector<int>{1, 2, 3}));
}

TEST_F(WorkerPoolTest, ABusyWorkerIsNotStoodInFor) {
  Inbox<std::thread::id> done;
  WorkerPool pool(1, 1, &metrics_);
  Gate gate;
  pool.Post("k", gate.Task());
  gate.WaitEntered();
  EXPECT_TRUE(pool.RunOrSubmit("k", [&] { done.Put(std::this_thread::get_id()); }));
  EXPECT_FALSE(pool.RunOrSubmit("k", [] {})) << "the queue is full";
  gate.Open();
  EXPECT_NE(done.Take(), std::this_thread::get_id());
}

TEST_F(WorkerPoolTest, StopRunsWhatWaits) {
  Inbox<int> done;
  WorkerPool pool(1, 10, &metrics_);
  Gate gate;
  pool.Submit("k", gate.Task());
  gate.WaitEntered();
  pool.Submit("k", [&] { done.Put(1); });
  std::thread stopper([&] { pool.Stop(); });
  gate.Open();
  stopper.join();
  EXPECT_EQ(done.size(), 1u);
}

}  // namespace
}  // namespace adieu::engine
