#include "server/engine/engine.h"

#include <gtest/gtest.h>

#include "tests/unit/engine/fakes.h"

namespace adieu::engine {
namespace {

class EngineTest : public testing::Test {
 protected:
  EngineTest() { engine_.Connect(&port_, {}); }

  std::string GetReason(const std::string& name) {
    v1::GetCallRequest request;
    request.set_name(name);
    const auto call = engine_.Get(request);
    return call.ok() ? call->name() : call.error().reason;
  }

  metrics::Metrics metrics_{"test"};
  FakePort port_;
  std::unique_ptr<store::Store> store_ = store::OpenMemory();
  Engine engine_{Engine::Options{}, store_.get(), &metrics_};
};

TEST_F(EngineTest, GetsACallWithItsLadder) {
  engine_.OnCall(MakeCall("a"));
  v1::SipMessage message;
  message.set_method("INVITE");
  engine_.OnMessage("calls/a", message);
  v1::GetCallRequest request;
  request.set_name("calls/a");
  EXPECT_EQ(engine_.Get(request)->messages_size(), 1);
  EXPECT_EQ(engine_.List({})->calls(0).messages_size(), 0);
}

TEST_F(EngineTest, ChecksNames) {
  engine_.OnCall(MakeCall("a"));
  const struct {
    std::string name;
    const char* answer;
  } cases[] = {{"calls/a", "calls/a"},
               {"calls/b", "CALL_NOT_FOUND"},
               {"", "INVALID_FIELD"},
               {"a", "INVALID_FIELD"},
               {"calls/", "INVALID_FIELD"},
               {"calls/a/b", "INVALID_FIELD"},
               {"terminations/a", "INVALID_FIELD"},
               {"calls/" + std::string(200, 'a'), "INVALID_FIELD"}};
  for (const auto& c : cases) EXPECT_EQ(GetReason(c.name), c.answer) << c.name;
}

TEST_F(EngineTest, ListsTerminationsOfCallsThatMatch) {
  {
    ObedientAgent agent(&port_, &engine_);
    for (const char* id : {"a", "b"}) {
      engine_.OnCall(MakeCall(id));
      Inbox<int> done;
      engine_.terminator().EndByTrigger(std::string("calls/") + id, v1::TRIGGER_DRAIN,
                                        [&](const auto&) { done.Put(1); });
      ASSERT_TRUE(done.Take());
    }
  }
  v1::ListTerminationsRequest request;
  EXPECT_EQ(engine_.ListTerminations(request)->terminations_size(), 2);
  request.mutable_match()->mutable_names()->add_values("calls/a");
  const auto page = engine_.ListTerminations(request);
  ASSERT_EQ(page->terminations_size(), 1);
  EXPECT_EQ(page->terminations(0).call(), "calls/a");
  request.mutable_match()->Clear();
  EXPECT_EQ(engine_.ListTerminations(request).error().code, absl::StatusCode::kInvalidArgument);
  request.clear_match();
  request.set_page_size(1001);
  EXPECT_EQ(engine_.ListTerminations(request).error().code, absl::StatusCode::kInvalidArgument);
}

TEST_F(EngineTest, LargeTerminationsMakeShortPages) {
  for (int i = 0; i < 400; ++i) {
    v1::Termination termination;
    termination.set_name("terminations/" + std::to_string(i));
    *termination.mutable_request_time() = base::ToTimestamp(std::chrono::system_clock::now());
    termination.set_note(std::string(20'000, 'n'));
    ASSERT_TRUE(store_->Put(termination));
  }
  v1::ListTerminationsRequest request;
  request.set_page_size(1000);
  int seen = 0;
  do {
    const auto page = engine_.ListTerminations(request);
    ASSERT_TRUE(page.ok());
    EXPECT_LT(page->ByteSizeLong(), 4u << 20);
    seen += page->terminations_size();
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(seen, 400);
}

}  // namespace
}  // namespace adieu::engine
