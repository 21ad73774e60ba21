// The threads of all rooms but gRPC's at once, for ThreadSanitizer: drain, the next process after a crash,
// watches and sweeps, with phones that hang up meanwhile. What must come of each alone is tested elsewhere.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include "server/engine/drain.h"
#include "tests/unit/engine/fakes.h"
#include "tests/unit/process/clients.h"
#include "tests/unit/process/phones.h"
#include "tests/unit/process/rooms.h"

namespace adieu::process {
namespace {

using State = Phones::State;
using std::chrono::milliseconds;

constexpr size_t kCalls = 40;

std::string Id(size_t n) { return "call-" + std::to_string(n); }

class ProcessTest : public testing::Test {
 protected:
  ProcessTest()
      : folder_(std::filesystem::temp_directory_path() / ("adieu-process-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~ProcessTest() override { std::filesystem::remove_all(folder_); }

  std::string File(const std::string& name) const { return (folder_ / name).string(); }

  static bool Soon(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + engine::kPatience;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }
  // Calls through the rooms to phones of which `answered` answer.
  static void Connect(Rooms* rooms, Phones* callers, Phones* callees, size_t answered) {
    callees->TalkTo(rooms->port());
    for (size_t n = 0; n < kCalls; ++n) callers->Call(Id(n));
    ASSERT_TRUE(callers->Wait(State::kAnswered, answered));
    ASSERT_TRUE(callers->Wait(State::kRinging, kCalls - answered));
  }
  static void ExpectAllOver(Rooms* rooms, Phones* callers, Phones* callees) {
    EXPECT_TRUE(callers->Wait(State::kOver, kCalls)) << callers->Count(State::kOver);
    EXPECT_TRUE(callees->Wait(State::kOver, kCalls)) << callees->Count(State::kOver);
    EXPECT_TRUE(Soon([rooms] { return rooms->engine().registry().live_count() == 0; }));
  }

  const std::filesystem::path folder_;
};

TEST_F(ProcessTest, DrainsWhileClientsActAndPhonesHangUp) {
  Phones callees;
  callees.AnswerEverySecond();
  Rooms rooms("", callees.port());
  Phones callers(rooms.port());
  Connect(&rooms, &callers, &callees, kCalls / 2);
  Phones late(rooms.port());
  engine::Inbox<int> done;
  Clients clients(&rooms.engine());
  engine::Drain drain({.answered_after = milliseconds(50), .window = 4}, &rooms.engine(), &rooms.agent(),
                      &rooms.metrics());
  drain.Begin([&] { done.Put(1); });
  for (size_t n = 0; n < kCalls; n += 5) callers.HangUp(Id(n));
  for (size_t n = 0; n < 10; ++n) late.Call("late-" + std::to_string(n));
  EXPECT_TRUE(done.Take());
  EXPECT_TRUE(drain.finished());
  EXPECT_TRUE(late.Wait(State::kOver, 10));
  ExpectAllOver(&rooms, &callers, &callees);
}

TEST_F(ProcessTest, TheNextProcessTakesCallsUpWhileClientsActAndPhonesHangUp) {
  Phones callees;
  Phones callers;
  int port = 0;
  {
    Rooms rooms(File("first.db"), callees.port());
    port = rooms.port();
    callers.TalkTo(port);
    Connect(&rooms, &callers, &callees, kCalls);
    ASSERT_TRUE(rooms.store().Flush(std::chrono::steady_clock::now() + engine::kPatience));
    // What a crash would leave. This process must go, because its port is wanted; no phone hears of that.
    for (const char* part : {"", "-wal"}) {
      std::filesystem::copy_file(File("first.db") + part, File("next.db") + part);
    }
    callers.Freeze();
    callees.Freeze();
  }
  callers.Thaw();
  callees.Thaw();
  Rooms rooms(File("next.db"), callees.port(), port);
  Clients clients(&rooms.engine());
  for (size_t n = 0; n < kCalls; n += 3) callers.HangUp(Id(n));
  ExpectAllOver(&rooms, &callers, &callees);
}

TEST_F(ProcessTest, SweepsAndWatchesGoOnWhilePhonesHangUp) {
  Phones callees;
  callees.AnswerEverySecond();
  Rooms rooms(File("adieu.db"), callees.port());
  Phones callers(rooms.port());
  Connect(&rooms, &callers, &callees, kCalls / 2);
  Clients some(&rooms.engine());
  Clients others(&rooms.engine());
  for (size_t n = 0; n < kCalls; n += 2) callers.HangUp(Id(n));
  ExpectAllOver(&rooms, &callers, &callees);
  rooms.engine().watch().Shutdown();
  EXPECT_TRUE(Soon([&] { return some.last_bookmarks() + others.last_bookmarks() == 2; }));
}

}  // namespace
}  // namespace adieu::process
