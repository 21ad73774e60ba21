#include "server/engine/watch.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "tests/unit/engine/fakes.h"

namespace adieu::engine {
namespace {

// One stream, read by the test.
class Stream {
 public:
  Stream(Watch* watch, const v1::WatchCallsRequest& request)
      : watcher_(watch->Open(request, [bell = bell_] { bell->Put(1); })) {}
  ~Stream() {
    if (watcher_.ok()) (*watcher_)->Close();
  }

  const base::Error* refusal() const { return watcher_.ok() ? nullptr : &watcher_.error(); }

  // In words: `calls/a RINGING`, `-calls/a`, `bookmark`, `end`, `end REASON`, `nothing` after the patience.
  std::string Next(std::chrono::milliseconds patience = kPatience) {
    v1::WatchCallsResponse response;
    std::optional<base::Error> error;
    for (;;) {
      switch ((*watcher_)->Take(&response, &error)) {
        case Watcher::Next::kEnd:
          return error ? "end " + error->reason : "end";
        case Watcher::Next::kResponse:
          if (!response.resume_token().empty()) token_ = response.resume_token();
          return Words(response);
        case Watcher::Next::kNothing:
          if (!bell_->Take(patience)) return "nothing";
      }
    }
  }
  const std::string& token() const { return token_; }

 private:
  static std::string Words(const v1::WatchCallsResponse& response) {
    if (response.has_bookmark()) return "bookmark";
    if (!response.removed_name().empty()) return "-" + response.removed_name();
    return response.call().name() + " " + v1::CallState_Name(response.call().state()).substr(11);
  }

  std::shared_ptr<Inbox<int>> bell_ = std::make_shared<Inbox<int>>();
  base::Result<std::shared_ptr<Watcher>> watcher_;
  std::string token_;
};

class WatchTest : public testing::Test {
 protected:
  void Update(const char* id, v1::CallState state = v1::CALL_STATE_RINGING) {
    registry_.Update(MakeCall(id, state));
  }
  static v1::WatchCallsRequest Ringing() {
    v1::WatchCallsRequest request;
    request.mutable_match()->set_state(v1::CALL_STATE_RINGING);
    return request;
  }
  static v1::WatchCallsRequest From(const std::string& token, v1::WatchCallsRequest request = {}) {
    request.set_resume_token(token);
    return request;
  }

  metrics::Metrics metrics_{"test"};
  CallRegistry registry_{CallRegistry::Options{.changes = 50}, &metrics_};
  Watch::Options options_{.queue = 10, .silence = std::chrono::hours(1)};
};

TEST_F(WatchTest, FirstTheCallsThenABookmarkThenChanges) {
  Update("b");
  Update("a");
  Watch watch(options_, &registry_, &metrics_);
  Stream stream(&watch, {});
  EXPECT_EQ(stream.Next(), "calls/a RINGING");
  EXPECT_EQ(stream.Next(), "calls/b RINGING");
  EXPECT_EQ(stream.Next(), "bookmark");
  Update("c");
  Update("a", v1::CALL_STATE_TERMINATED);
  EXPECT_EQ(stream.Next(), "calls/c RINGING");
  EXPECT_EQ(stream.Next(), "calls/a TERMINATED");
}

TEST_F(WatchTest, ACallThatLeavesTheMatchIsRemovedOnce) {
  Update("a");
  Update("gone", v1::CALL_STATE_TERMINATED);
  Watch watch(options_, &registry_, &metrics_);
  Stream stream(&watch, Ringing());
  EXPECT_EQ(stream.Next(), "calls/a RINGING");
  EXPECT_EQ(stream.Next(), "bookmark");
  Update("never", v1::CALL_STATE_ANSWERED);
  Update("a", v1::CALL_STATE_TERMINATING);
  Update("a", v1::CALL_STATE_TERMINATED);
  Update("last");
  EXPECT_EQ(stream.Next(), "-calls/a");
  EXPECT_EQ(stream.Next(), "calls/last RINGING");
}

TEST_F(WatchTest, AForgottenCallIsRemoved) {
  CallRegistry registry({.ended_calls = 0}, &metrics_);
  Watch watch(options_, &registry, &metrics_);
  Stream stream(&watch, {});
  EXPECT_EQ(stream.Next(), "bookmark");
  registry.Update(MakeCall("a"));
  registry.Update(MakeCall("a", v1::CALL_STATE_TERMINATED));
  EXPECT_EQ(stream.Next(), "calls/a RINGING");
  EXPECT_EQ(stream.Next(), "calls/a TERMINATED");
  EXPECT_EQ(stream.Next(), "-calls/a");
}

TEST_F(WatchTest, AResumedStreamGetsExactlyWhatItMissed) {
  Update("a");
  Watch watch(options_, &registry_, &metrics_);
  std::string token;
  {
    Stream stream(&watch, Ringing());
    EXPECT_EQ(stream.Next(), "calls/a RINGING");
    EXPECT_EQ(stream.Next(), "bookmark");
    Update("b");
    EXPECT_EQ(stream.Next(), "calls/b RINGING");
    token = stream.token();
  }
  Update("c");
  Update("never", v1::CALL_STATE_ANSWERED);
  Update("a", v1::CALL_STATE_TERMINATED);
  {
    Stream stream(&watch, From(token, Ringing()));
    EXPECT_EQ(stream.Next(), "calls/c RINGING");
    EXPECT_EQ(stream.Next(), "-calls/a");
    EXPECT_EQ(stream.Next(), "bookmark");
    token = stream.token();
    Update("d");
    EXPECT_EQ(stream.Next(), "calls/d RINGING");
  }
  Stream again(&watch, From(token, Ringing()));
  EXPECT_EQ(again.Next(), "calls/d RINGING");
  EXPECT_EQ(again.Next(), "bookmark");
}

TEST_F(WatchTest, AResumeMayBeLongerThanTheQueue) {
  Watch watch(options_, &registry_, &metrics_);
  std::string token;
  {
    Stream stream(&watch, {});
    EXPECT_EQ(stream.Next(), "bookmark");
    token = stream.token();
  }
  for (int i = 0; i < 45; ++i) Update(std::to_string(100 + i).c_str());
  Stream stream(&watch, From(token));
  for (int i = 0; i < 45; ++i) EXPECT_EQ(stream.Next(), "calls/" + std::to_string(100 + i) + " RINGING");
  EXPECT_EQ(stream.Next(), "bookmark");
}

TEST_F(WatchTest, NothingIsLostWhileTheQueueFillsAndEmpties) {
  constexpr int kChanges = 20'000;
  CallRegistry registry({}, &metrics_);
  Watch watch(options_, &registry, &metrics_);
  const std::string token = EncodeResumeToken({registry.boot_id(), 0, registry.Now()});
  for (int i = 0; i < kChanges; ++i) registry.Update(MakeCall(std::to_string(i)));
  Stream stream(&watch, From(token));
  for (int i = 0; i < kChanges; ++i) ASSERT_EQ(stream.Next(), "calls/" + std::to_string(i) + " RINGING");
  EXPECT_EQ(stream.Next(), "bookmark");
}

TEST_F(WatchTest, TokensThatCannotBeResumed) {
  Watch watch(options_, &registry_, &metrics_);
  const std::string old = EncodeResumeToken({registry_.boot_id(), 0, registry_.Now()});
  for (int i = 0; i < 60; ++i) Update(std::to_string(i).c_str());
  const struct {
    const char* what;
    std::string token;
    absl::StatusCode code;
  } cases[] = {
      {"too old", old, absl::StatusCode::kOutOfRange},
      {"another process", EncodeResumeToken({"other", 55, registry_.Now()}), absl::StatusCode::kOutOfRange},
      {"of the future", EncodeResumeToken({registry_.boot_id(), 61, registry_.Now()}),
       absl::StatusCode::kOutOfRange},
      {"rubbish", "rubbish", absl::StatusCode::kInvalidArgument},
  };
  for (const auto& c : cases) {
    Stream stream(&watch, From(c.token));
    ASSERT_NE(stream.refusal(), nullptr) << c.what;
    EXPECT_EQ(stream.refusal()->code, c.code) << c.what;
    if (c.code == absl::StatusCode::kOutOfRange) {
      EXPECT_EQ(stream.refusal()->reason, "RESUME_TOKEN_EXPIRED") << c.what;
    }
  }
}

TEST_F(WatchTest, ABadMatchIsRefused) {
  Watch watch(options_, &registry_, &metrics_);
  v1::WatchCallsRequest request;
  request.mutable_match();
  Stream stream(&watch, request);
  ASSERT_NE(stream.refusal(), nullptr);
  EXPECT_EQ(stream.refusal()->code, absl::StatusCode::kInvalidArgument);
}

TEST_F(WatchTest, ASlowWatcherIsCutOff) {
  Watch watch(options_, &registry_, &metrics_);
  Stream slow(&watch, {});
  Stream selective(&watch, Ringing());
  for (int i = 0; i < 12; ++i) Update(std::to_string(i).c_str(), v1::CALL_STATE_ANSWERED);
  Update("x");
  // The other stream proves that all changes were handed out.
  EXPECT_EQ(selective.Next(), "bookmark");
  EXPECT_EQ(selective.Next(), "calls/x RINGING") << "what does not match waits for nobody";
  EXPECT_EQ(slow.Next(), "end WATCHER_TOO_SLOW");
}

TEST_F(WatchTest, SilenceGetsBookmarks) {
  options_.silence = std::chrono::milliseconds(10);
  Watch watch(options_, &registry_, &metrics_);
  Stream stream(&watch, {});
  for (int i = 0; i < 4; ++i) EXPECT_EQ(stream.Next(), "bookmark");
}

TEST_F(WatchTest, ShutdownSaysABookmarkLast) {
  Watch watch(options_, &registry_, &metrics_);
  Stream stream(&watch, {});
  EXPECT_EQ(stream.Next(), "bookmark");
  Update("a");
  watch.Shutdown();
  EXPECT_EQ(stream.Next(), "calls/a RINGING");
  EXPECT_EQ(stream.Next(), "bookmark");
  EXPECT_EQ(stream.Next(), "end");
  Stream late(&watch, {});
  EXPECT_EQ(late.Next(), "calls/a RINGING");
  EXPECT_EQ(late.Next(), "bookmark");
  EXPECT_EQ(late.Next(), "bookmark");
  EXPECT_EQ(late.Next(), "end");
}

TEST_F(WatchTest, TheNumberOfStreamsIsBounded) {
  options_.watchers = 1;
  Watch watch(options_, &registry_, &metrics_);
  Stream first(&watch, {});
  Stream second(&watch, {});
  EXPECT_EQ(first.refusal(), nullptr);
  ASSERT_NE(second.refusal(), nullptr);
  EXPECT_EQ(second.refusal()->code, absl::StatusCode::kResourceExhausted);
}

TEST_F(WatchTest, ChangesOfManyThreadsArriveOnce) {
  options_.queue = 100'000;
  CallRegistry registry({}, &metrics_);
  Watch watch(options_, &registry, &metrics_);
  Stream stream(&watch, {});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&registry, t] {
      for (int i = 0; i < 200; ++i) registry.Update(MakeCall(std::to_string(1000 * t + i)));
    });
  }
  EXPECT_EQ(stream.Next(), "bookmark");
  std::set<std::string> seen;
  for (int i = 0; i < 800; ++i) EXPECT_TRUE(seen.insert(stream.Next()).second);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(seen.size(), 800u);
}

}  // namespace
}  // namespace adieu::engine
