#include "server/engine/call_registry.h"

#include <gtest/gtest.h>

#include "tests/unit/engine/fakes.h"

namespace adieu::engine {
namespace {

using std::chrono::system_clock;

class CallRegistryTest : public testing::Test {
 protected:
  CallRegistry Make(size_t ended_calls = 10, size_t changes = 100) {
    return CallRegistry({.ended_calls = ended_calls, .changes = changes, .now = [this] { return now_; }},
                        &metrics_);
  }
  bool Counts(const std::string& line) { return metrics_.Text().find(line) != std::string::npos; }

  metrics::Metrics metrics_{"test"};
  system_clock::time_point now_ = system_clock::now();
};

TEST_F(CallRegistryTest, FindsWhatItWasTold) {
  CallRegistry registry = Make();
  registry.Update(MakeCall("a"));
  v1::SipMessage message;
  message.set_method("INVITE");
  registry.AppendMessage("calls/a", message);
  registry.AppendMessage("calls/none", message);
  EXPECT_EQ(registry.Find("calls/a")->caller().sip_call_id(), "a@host");
  EXPECT_EQ(registry.Find("calls/a")->messages_size(), 0);
  EXPECT_EQ(registry.FindWithLadder("calls/a")->messages_size(), 1);
  EXPECT_FALSE(registry.Find("calls/none"));
  EXPECT_FALSE(registry.FindWithLadder("calls/none"));
  EXPECT_EQ(registry.revision(), 1) << "a message is no change";
  EXPECT_EQ(registry.live_count(), 1u);
}

TEST_F(CallRegistryTest, NothingFollowsTheEnd) {
  CallRegistry registry = Make();
  registry.Update(MakeCall("a"));
  registry.Update(MakeCall("a", v1::CALL_STATE_TERMINATED));
  registry.Update(MakeCall("a", v1::CALL_STATE_RINGING));
  EXPECT_EQ(registry.Find("calls/a")->state(), v1::CALL_STATE_TERMINATED);
  EXPECT_EQ(registry.live_count(), 0u);
}

TEST_F(CallRegistryTest, ResolvesACallId) {
  CallRegistry registry = Make();
  EXPECT_EQ(registry.Resolve("x").error().code, absl::StatusCode::kNotFound);
  EXPECT_EQ(registry.Resolve("").error().code, absl::StatusCode::kNotFound);

  registry.Update(MakeCall("old", v1::CALL_STATE_TERMINATED, "x"));
  EXPECT_EQ(*registry.Resolve("x"), "calls/old");
  registry.Update(MakeCall("newer", v1::CALL_STATE_TERMINATED, "x"));
  EXPECT_EQ(*registry.Resolve("x"), "calls/newer") << "the one that ended last";

  registry.Update(MakeCall("live1", v1::CALL_STATE_RINGING, "x"));
  EXPECT_EQ(*registry.Resolve("x"), "calls/live1") << "ended ones do not count beside a live one";

  registry.Update(MakeCall("live2", v1::CALL_STATE_RINGING, "x"));
  const auto ambiguous = registry.Resolve("x");
  ASSERT_FALSE(ambiguous.ok());
  EXPECT_EQ(ambiguous.error().code, absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ambiguous.error().reason, "AMBIGUOUS");
  EXPECT_EQ(ambiguous.error().metadata.at("calls"), "calls/live1,calls/live2");

  registry.Update(MakeCall("live1", v1::CALL_STATE_TERMINATED, "x"));
  EXPECT_EQ(*registry.Resolve("x"), "calls/live2");
}

TEST_F(CallRegistryTest, ResolvesTheCalleesCallId) {
  CallRegistry registry = Make();
  v1::Call call = MakeCall("a");
  registry.Update(call);
  call.mutable_callee()->set_sip_call_id("second");
  registry.Update(call);
  EXPECT_EQ(*registry.Resolve("second"), "calls/a");
  EXPECT_EQ(*registry.Resolve("a@host"), "calls/a");
  call.mutable_callee()->set_sip_call_id("third");
  registry.Update(call);
  EXPECT_FALSE(registry.Resolve("second").ok());
  EXPECT_EQ(*registry.Resolve("third"), "calls/a");
}

TEST_F(CallRegistryTest, OnlyOneClaimsACall) {
  CallRegistry registry = Make();
  registry.Update(MakeCall("a"));
  registry.Update(MakeCall("leaving", v1::CALL_STATE_TERMINATING));
  registry.Update(MakeCall("gone", v1::CALL_STATE_TERMINATED));
  const auto reason = [&](const char* call) {
    const auto error = registry.Claim(call, "terminations/t", v1::TRIGGER_REQUEST);
    return error ? error->reason : "";
  };
  EXPECT_EQ(reason("calls/none"), "CALL_NOT_FOUND");
  EXPECT_EQ(reason("calls/gone"), "CALL_TERMINATED");
  EXPECT_EQ(reason("calls/leaving"), "CALL_TERMINATING");
  EXPECT_EQ(reason("calls/a"), "");
  EXPECT_EQ(reason("calls/a"), "CALL_TERMINATING");
  EXPECT_EQ(registry.Find("calls/a")->termination(), "terminations/t");

  registry.Unclaim("calls/a", "terminations/other");
  EXPECT_EQ(reason("calls/a"), "CALL_TERMINATING");
  registry.Unclaim("calls/a", "terminations/t");
  EXPECT_EQ(registry.Find("calls/a")->termination(), "");
  EXPECT_EQ(reason("calls/a"), "");
}

TEST_F(CallRegistryTest, TheTerminationStaysWithTheCall) {
  CallRegistry registry = Make();
  registry.Update(MakeCall("a"));
  registry.Update(MakeCall("b"));
  registry.Claim("calls/a", "terminations/t", v1::TRIGGER_REQUEST);
  registry.Claim("calls/b", "terminations/u", v1::TRIGGER_RING_TIMEOUT);
  for (const char* id : {"a", "b"}) {
    v1::Call ended = MakeCall(id, v1::CALL_STATE_TERMINATED);
    ended.set_ended_by(v1::ENDED_BY_ADIEU);
    registry.Update(ended);
  }
  EXPECT_EQ(registry.Find("calls/a")->termination(), "terminations/t");
  EXPECT_EQ(registry.Find("calls/a")->ended_by(), v1::ENDED_BY_ADIEU);
  EXPECT_EQ(registry.Find("calls/b")->termination(), "terminations/u");
  EXPECT_EQ(registry.Find("calls/b")->ended_by(), v1::ENDED_BY_TIMEOUT);
}

TEST_F(CallRegistryTest, KeepsSoManyEndedCalls) {
  for (size_t limit : {size_t{0}, size_t{1}, size_t{3}}) {
    CallRegistry registry = Make(limit);
    for (const char* id : {"a", "b", "c", "d", "e"}) {
      registry.Update(MakeCall(id));
      registry.Update(MakeCall(id, v1::CALL_STATE_TERMINATED));
    }
    EXPECT_EQ(registry.Snapshot().calls.size(), limit);
    EXPECT_EQ(registry.Find("calls/e").has_value(), limit > 0);
    EXPECT_EQ(registry.Resolve("e@host").ok(), limit > 0);
    EXPECT_FALSE(registry.Find("calls/a"));
    EXPECT_FALSE(registry.Resolve("a@host").ok());
    EXPECT_EQ(registry.live_count(), 0u);
  }
}

TEST_F(CallRegistryTest, ForgetsEndedCallsAfterTenMinutes) {
  CallRegistry registry = Make();
  registry.Update(MakeCall("a", v1::CALL_STATE_TERMINATED));
  registry.Update(MakeCall("live"));
  now_ += CallRegistry::kEndedKept - std::chrono::seconds(1);
  registry.ForgetOld();
  EXPECT_TRUE(registry.Find("calls/a"));
  now_ += std::chrono::seconds(1);
  registry.ForgetOld();
  EXPECT_FALSE(registry.Find("calls/a"));
  EXPECT_TRUE(registry.Find("calls/live"));
}

TEST_F(CallRegistryTest, TheChangeLogIsBoundedAndExact) {
  CallRegistry registry = Make(10, 3);
  for (const char* id : {"a", "b", "c", "d", "e"}) registry.Update(MakeCall(id));
  EXPECT_FALSE(registry.ChangesAfter(1, 10));
  EXPECT_FALSE(registry.ChangesAfter(6, 10));
  EXPECT_TRUE(registry.ChangesAfter(5, 10)->empty());
  const auto changes = registry.ChangesAfter(2, 10);
  ASSERT_TRUE(changes);
  ASSERT_EQ(changes->size(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ((*changes)[i].revision, static_cast<int64_t>(3 + i));
  EXPECT_EQ(registry.ChangesAfter(2, 2)->size(), 2u);
}

TEST_F(CallRegistryTest, AChangeHasBeforeAndAfter) {
  CallRegistry registry = Make(0);
  registry.Update(MakeCall("a"));
  registry.Update(MakeCall("a", v1::CALL_STATE_TERMINATED));
  const auto changes = *registry.ChangesAfter(0, 10);
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_FALSE(changes[0].before);
  EXPECT_EQ(changes[0].after->Unpack().state(), v1::CALL_STATE_RINGING);
  EXPECT_EQ(changes[1].before, changes[0].after);
  EXPECT_EQ(changes[1].after->Unpack().state(), v1::CALL_STATE_TERMINATED);
  EXPECT_EQ(changes[1].after->fixed, changes[0].after->fixed) << "shared, not copied";
  EXPECT_EQ(changes[2].before, changes[1].after);
  EXPECT_FALSE(changes[2].after) << "forgotten";
}

TEST_F(CallRegistryTest, CountsCallsByState) {
  CallRegistry registry = Make();
  registry.Update(MakeCall("a"));
  registry.Update(MakeCall("b"));
  registry.Update(MakeCall("b"));
  EXPECT_TRUE(Counts("adieu_calls{state=\"ringing\"} 2")) << metrics_.Text();
  registry.Update(MakeCall("b", v1::CALL_STATE_TERMINATING));
  EXPECT_TRUE(Counts("adieu_calls{state=\"ringing\"} 1"));
  EXPECT_TRUE(Counts("adieu_calls{state=\"terminating\"} 1"));
  registry.Update(MakeCall("b", v1::CALL_STATE_TERMINATED));
  EXPECT_TRUE(Counts("adieu_calls{state=\"terminating\"} 0"));
  EXPECT_TRUE(Counts("adieu_calls_total 2"));
}

TEST_F(CallRegistryTest, TheListenerHearsOfChanges) {
  CallRegistry registry = Make();
  int heard = 0;
  registry.SetListener([&] { ++heard; });
  registry.Update(MakeCall("a"));
  registry.Claim("calls/a", "terminations/t", v1::TRIGGER_REQUEST);
  registry.Unclaim("calls/a", "terminations/t");
  EXPECT_EQ(heard, 3);
  registry.ForgetOld();
  EXPECT_EQ(heard, 3);
}

}  // namespace
}  // namespace adieu::engine
