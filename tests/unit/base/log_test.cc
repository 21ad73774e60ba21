#include "server/base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <thread>
#include <vector>

namespace adieu::base {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// What the log writes to stderr while `act` runs.
std::string Written(const LogOptions& options, const std::function<void()>& act) {
  testing::internal::CaptureStderr();
  ConfigureLog(options);
  act();
  StopLog();
  std::string text = testing::internal::GetCapturedStderr();
  ConfigureLog({});
  StopLog();
  return text;
}

TEST(Log, WritesOneLinePerEvent) {
  const std::string text = Written({}, [] {
    LogInfo("first", {{"n", 1}});
    LogError("second");
  });
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_THAT(text, HasSubstr(R"("level":"info","event":"first","n":1})"));
  EXPECT_THAT(text, HasSubstr(R"("level":"error","event":"second"})"));
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  const std::string text = Written({.level = LogLevel::kWarn}, [] {
    LogDebug("quiet");
    LogInfo("quiet");
    LogWarn("loud");
  });
  EXPECT_THAT(text, Not(HasSubstr("quiet")));
  EXPECT_THAT(text, HasSubstr("loud"));
}

TEST(Log, WritesTextWhenAsked) {
  const std::string text = Written({.format = LogFormat::kText}, [] {
    LogInfo("call began", {{"call", "a"}});
  });
  EXPECT_THAT(text, HasSubstr("Z info call began call=a\n"));
}

TEST(Log, PercentAndBracesAreNotPatterns) {
  EXPECT_THAT(Written({}, [] { LogInfo("%v {} %n"); }), HasSubstr(R"("event":"%v {} %n")"));
}

TEST(Log, MasksUrisUnlessToldOtherwise) {
  Written({}, [] { EXPECT_EQ(LogUri("sip:bob@host"), "sip:*****@host"); });
  Written({.personal_data = true}, [] { EXPECT_EQ(LogUri("sip:bob@host"), "sip:bob@host"); });
}

TEST(Log, LosesNothingFromManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kLines = 500;
  const std::string text = Written({}, [] {
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([t] {
        for (int i = 0; i < kLines; ++i) LogInfo("line", {{"thread", t}, {"i", i}});
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), kThreads * kLines);
}

TEST(Log, WritesAtOnceAfterStop) {
  testing::internal::CaptureStderr();
  StopLog();
  LogInfo("late");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), Not(IsEmpty()));
}

}  // namespace
}  // namespace adieu::base
