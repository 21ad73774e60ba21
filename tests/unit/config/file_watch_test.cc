#include "server/config/file_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>

#include "tests/unit/config/temporary_file.h"

namespace adieu::config {
namespace {

constexpr std::chrono::seconds kPatience{30};

// Counts calls, and waits for them.
class Calls {
 public:
  bool Add(bool good) {
    std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
    return good;
  }
  // True: there have been so many, and more, in time.
  bool Wait(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return count_ >= count; });
  }
  int count() {
    std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

void Replace(const std::string& path, const std::string& text) {
  std::ofstream(path + ".new") << text;
  std::filesystem::rename(path + ".new", path);
}

TEST(FileWatch, ReadsAtTheStartAndAfterEachChange) {
  const TemporaryFile file("a");
  const std::string path = file.path();
  Calls calls;
  std::atomic<int> looks{0};
  FileWatch watch({{.files =
                        [&] {
                          ++looks;
                          return std::vector<std::string>{path};
                        },
                    .read = [&] { return calls.Add(true); }}},
                  std::chrono::milliseconds(1));
  EXPECT_TRUE(calls.Wait(1));
  Replace(path, "b");
  EXPECT_TRUE(calls.Wait(2));
  std::filesystem::remove(path);
  EXPECT_TRUE(calls.Wait(3));
  Replace(path, "c");
  EXPECT_TRUE(calls.Wait(4));
  // Nothing more comes of many more looks.
  const int before = looks;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (looks < before + 30 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(calls.count(), 4);
}

TEST(FileWatch, FollowsLinksAsKubernetesChangesThem) {
  const std::filesystem::path folder = std::string(TemporaryFile("").path()) + ".d";
  std::filesystem::create_directories(folder / "1");
  std::filesystem::create_directories(folder / "2");
  std::ofstream(folder / "1" / "file") << "same";
  std::ofstream(folder / "2" / "file") << "same";
  std::filesystem::create_symlink("1", folder / "data");
  std::filesystem::create_symlink("data/file", folder / "file");
  {
    Calls calls;
    FileWatch watch({{.files = [&] { return std::vector<std::string>{folder / "file"}; },
                      .read = [&] { return calls.Add(true); }}},
                    std::chrono::milliseconds(1));
    EXPECT_TRUE(calls.Wait(1));
    std::filesystem::create_symlink("2", folder / "data.new");
    std::filesystem::rename(folder / "data.new", folder / "data");
    EXPECT_TRUE(calls.Wait(2));
  }
  std::filesystem::remove_all(folder);
}

TEST(FileWatch, WhatIsNoGoodIsReadAgain) {
  const TemporaryFile bad("a");
  const TemporaryFile good("a");
  Calls retried;
  Calls once;
  FileWatch watch({{.files = [&] { return std::vector<std::string>{bad.path()}; },
                    .read = [&] { return retried.Add(retried.count() == 2); }},
                   {.files = [&] { return std::vector<std::string>{good.path()}; },
                    .read = [&] { return once.Add(true); }}},
                  std::chrono::milliseconds(1));
  EXPECT_TRUE(retried.Wait(3));
  EXPECT_EQ(once.count(), 1);
}

}  // namespace
}  // namespace adieu::config
