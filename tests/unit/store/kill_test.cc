#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "server/store/store.h"
#include "tests/unit/store/samples.h"

namespace adieu::store {
namespace {

constexpr const char* kPathVariable = "ADIEU_KILLED_STORE";
constexpr int kAnswersFd = 3;
constexpr int kAnswersBeforeTheKill = 6'000;

constexpr int kPolicies = 50;
// What an answer is more than the number of its policy.
constexpr int kPolicyAnswer = 1 << 30;

std::string PolicyName(int number) { return "cancelPolicies/p" + std::to_string(number % kPolicies); }

// The program that is killed: puts without end, and writes each confirmed number to the pipe: a termination,
// and then a policy with the number as its etag, or every eighth time none.
TEST(KilledStore, DISABLED_Writer) {
  const char* path = std::getenv(kPathVariable);
  ASSERT_NE(path, nullptr);
  Clock clock;
  base::Result<std::unique_ptr<Store>> store = OpenSqlite(path, {.now = clock.Read()});
  ASSERT_TRUE(store.ok());
  std::atomic<bool> failed = false;
  for (int number = 0; !failed; ++number) {
    const auto done = [number, &failed](std::optional<base::Error> error) {
      if (error || ::write(kAnswersFd, &number, sizeof(number)) != sizeof(number)) failed = true;
    };
    (*store)->Put(Sample(number, number, v1::LEG_OUTCOME_SENT));
    while (!failed && !(*store)->Put(Sample(number, number, v1::LEG_OUTCOME_ENDED),
                                     SampleRequest(std::to_string(number), number), done)) {
      (*store)->Flush(Deadline());
    }
    PolicyWrite policy{.name = PolicyName(number), .policy = {}, .request = {}, .done = {}};
    if (number % 8 != 0) {
      policy.policy.emplace().set_name(PolicyName(number));
      policy.policy->set_etag(std::to_string(number));
    }
    policy.request = SampleRequest(std::to_string(number), number);
    policy.request->method = "UpdateCancelPolicy";
    policy.done = [number, &failed](std::optional<base::Error> error) {
      const int answer = number + kPolicyAnswer;
      if (error || ::write(kAnswersFd, &answer, sizeof(answer)) != sizeof(answer)) failed = true;
    };
    while (!failed && !(*store)->PutPolicy(policy)) (*store)->Flush(Deadline());
  }
}

// A child process with the write end of a pipe.
class Writer {
 public:
  explicit Writer(const std::string& path) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return;
    answers_ = ends[0];
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], kAnswersFd);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::setenv(kPathVariable, path.c_str(), 1);
    std::string program = "/proc/self/exe";
    std::string filter = "--gtest_filter=KilledStore.DISABLED_Writer";
    std::string disabled = "--gtest_also_run_disabled_tests";
    char* arguments[] = {program.data(), filter.data(), disabled.data(), nullptr};
    if (::posix_spawn(&child_, program.c_str(), &actions, nullptr, arguments, environ) != 0) child_ = 0;
    ::unsetenv(kPathVariable);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
  }
  ~Writer() {
    Kill();
    ::close(answers_);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // The next confirmed number; -1 at the end, or when none comes in time.
  int Next() {
    pollfd ready = {.fd = answers_, .events = POLLIN};
    const int timeout = static_cast<int>(std::chrono::milliseconds(kPatience).count());
    int number = -1;
    if (::poll(&ready, 1, timeout) != 1 || ::read(answers_, &number, sizeof(number)) != sizeof(number))
      return -1;
    return number;
  }

  void Kill() {
    if (child_ == 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = 0;
  }

 private:
  pid_t child_ = 0;
  int answers_ = -1;
};

TEST(KilledStore, HasEverythingThatWasConfirmed) {
  Directory directory;
  const std::string path = directory / "adieu.db";
  std::vector<int> confirmed;
  {
    Writer writer(path);
    while (confirmed.size() < kAnswersBeforeTheKill) {
      const int number = writer.Next();
      ASSERT_GE(number, 0) << "after " << confirmed.size();
      confirmed.push_back(number);
    }
    // The lock is the living process's.
    EXPECT_FALSE(OpenSqlite(path).ok());
    writer.Kill();
    for (int number = writer.Next(); number >= 0; number = writer.Next()) confirmed.push_back(number);
  }

  Clock clock;
  base::Result<std::unique_ptr<Store>> store = OpenSqlite(path, {.now = clock.Read()});
  ASSERT_TRUE(store.ok()) << store.error().message;
  std::map<std::string, int> policies;
  for (int number : confirmed) {
    if (number >= kPolicyAnswer) {
      number -= kPolicyAnswer;
      int& last = policies.emplace(PolicyName(number), number).first->second;
      last = std::max(last, number);
      ASSERT_TRUE((*store)->FindRequest("UpdateCancelPolicy", "anonymous", std::to_string(number))) << number;
      continue;
    }
    const auto termination = (*store)->Get(NameOf(number));
    ASSERT_TRUE(termination) << number;
    EXPECT_EQ(termination->SerializeAsString(),
              Sample(number, number, v1::LEG_OUTCOME_ENDED).SerializeAsString());
    ASSERT_TRUE((*store)->FindRequest("TerminateCall", "anonymous", std::to_string(number))) << number;
  }
  // A later form, which was not confirmed, may be there.
  EXPECT_EQ(policies.size(), std::size_t{kPolicies});
  std::map<std::string, int> stored;
  const auto all = (*store)->Policies();
  ASSERT_TRUE(all.ok());
  for (const v1::CancelPolicy& policy : *all) stored[policy.name()] = std::stoi(policy.etag());
  for (const auto& [name, number] : policies) {
    if (stored.contains(name)) {
      EXPECT_GE(stored[name], number) << name;
    } else {
      // Only even numbers remove.
      EXPECT_EQ(number % 2, 0) << name;
    }
  }
  // It can be written again.
  EXPECT_TRUE((*store)->Put(Sample(0, 0)));
  EXPECT_TRUE((*store)->Flush(Deadline()));
}

}  // namespace
}  // namespace adieu::store
