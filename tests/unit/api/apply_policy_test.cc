#include <future>

#include "tests/unit/api/fixture.h"

namespace adieu::api {
namespace {

class ApplyPolicyTest : public ServerTest {
 protected:
  void Ring(int count) {
    for (int i = 0; i < count; ++i) engine_.OnCall(MakeCall(std::to_string(i)));
  }
  static v1::ApplyCancelPolicyRequest Request(int max_calls = 1'000) {
    v1::ApplyCancelPolicyRequest request;
    request.mutable_match()->mutable_every_call();
    request.set_max_calls(max_calls);
    return request;
  }
  void Open(const v1::ApplyCancelPolicyRequest& request) {
    context_ = Context();
    stream_ = stub_->ApplyCancelPolicy(context_.get(), request);
  }
  // Reads to the end; response_ has the last message.
  grpc::Status ReadAll() {
    v1::ApplyCancelPolicyResponse response;
    while (stream_->Read(&response)) response_ = response;
    return stream_->Finish();
  }

  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReader<v1::ApplyCancelPolicyResponse>> stream_;
  v1::ApplyCancelPolicyResponse response_;
};

TEST_F(ApplyPolicyTest, StreamsToTheEnd) {
  Ring(100);
  engine::ObedientAgent agent(&port_, &engine_);
  Open(Request());
  ASSERT_TRUE(stream_->Read(&response_));
  EXPECT_EQ(response_.matched_count(), 100);
  EXPECT_TRUE(ReadAll().ok());
  EXPECT_EQ(response_.ended_count(), 100);
  EXPECT_TRUE(CountsSoon("grpc_code=\"OK\",grpc_method=\"ApplyCancelPolicy\""));
}

TEST_F(ApplyPolicyTest, RefusalsHaveDetails) {
  Ring(3);
  Open(Request(2));
  grpc::Status status = ReadAll();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(DetailsOf(status).info.reason(), "TOO_MANY_MATCHES");
  EXPECT_EQ(DetailsOf(status).info.metadata().at("matched_count"), "3");
  Open(Request(0));
  status = ReadAll();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(DetailsOf(status).bad_request.field_violations(0).field(), "max_calls");
  EXPECT_EQ(port_.orders.size(), 0u);
}

TEST_F(ApplyPolicyTest, ACancelledStreamStopsIt) {
  Ring(10);
  auto request = Request();
  request.set_calls_per_second(0.001);
  request.set_request_id("id");
  Open(request);
  ASSERT_TRUE(stream_->Read(&response_));
  ASSERT_TRUE(port_.orders.Take());
  context_->TryCancel();
  EXPECT_EQ(ReadAll().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(CountsSoon("grpc_code=\"Canceled\",grpc_method=\"ApplyCancelPolicy\""));
  EXPECT_TRUE(CountsSoon("adieu_sweeps 0"));
  EXPECT_EQ(port_.orders.size(), 0u);
}

TEST_F(ApplyPolicyTest, AClientThatReadsNothingHoldsUpNeitherOthersNorShutdown) {
  Ring(20'000);
  engine::ObedientAgent agent(&port_, &engine_);
  auto request = Request(100'000);
  request.set_note(std::string(256, 'n'));
  Open(request);
  ASSERT_TRUE(stream_->Read(&response_));
  engine_.OnCall(MakeCall("other"));
  EXPECT_TRUE(Terminate("calls/other").ok());
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
}

TEST_F(ApplyPolicyTest, AnInlinePolicyIsCompiledAndAsked) {
  Ring(1);
  engine::ObedientAgent agent(&port_, &engine_);
  auto request = Request();
  v1::Rule& rule = *request.mutable_inline_policy()->add_rules();
  rule.set_id("gone");
  rule.add_triggers(v1::TRIGGER_REQUEST);
  rule.mutable_treatment()->mutable_final_response()->set_status_code(900);
  Open(request);
  grpc::Status status = ReadAll();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(DetailsOf(status).bad_request.field_violations(0).field(),
            "inline_policy.rules[0].treatment.final_response.status_code");
  rule.mutable_treatment()->mutable_final_response()->set_status_code(410);
  Open(request);
  EXPECT_TRUE(ReadAll().ok());
  ASSERT_EQ(response_.terminations_size(), 1);
  EXPECT_EQ(response_.terminations(0).policy(), "cancelPolicies/inline");
  EXPECT_EQ(response_.terminations(0).rule(), "gone");
}

TEST_F(ApplyPolicyTest, AClientThatGoesAwayBeforeItIsOpenDoesNothing) {
  Ring(1);
  std::promise<void> release;
  engine_.slow_lane().Submit([&] { release.get_future().wait_for(kPatience); });
  auto request = Request();
  v1::Rule& rule = *request.mutable_inline_policy()->add_rules();
  rule.set_id("quiet");
  rule.add_triggers(v1::TRIGGER_REQUEST);
  rule.mutable_treatment()->set_as_intent(v1::INTENT_QUIET);
  Open(request);
  EXPECT_TRUE(CountsSoon("grpc_server_started_total{grpc_method=\"ApplyCancelPolicy\""));
  context_->TryCancel();
  EXPECT_EQ(ReadAll().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(CountsSoon("grpc_code=\"Canceled\",grpc_method=\"ApplyCancelPolicy\""));
  release.set_value();
  std::promise<void> done;
  engine_.slow_lane().Submit([&] { done.set_value(); });
  done.get_future().wait_for(kPatience);
  EXPECT_EQ(port_.orders.size(), 0u);
}

TEST_F(ApplyPolicyTest, ShutdownEndsTheStreamWithWhatIsLeft) {
  Ring(2);
  auto request = Request();
  request.set_calls_per_second(0.001);
  Open(request);
  ASSERT_TRUE(stream_->Read(&response_));
  const auto order = port_.orders.Take();
  ASSERT_TRUE(order);
  engine_.OnLegEnding(order->termination, order->call, MakeLeg(v1::LEG_OUTCOME_ENDED));
  std::thread shutdown([this] { server_->Shutdown(std::chrono::system_clock::now() + kPatience); });
  const grpc::Status status = ReadAll();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(DetailsOf(status).info.reason(), "SHUTTING_DOWN");
  EXPECT_EQ(response_.ended_count(), 1);
  shutdown.join();
}

TEST_F(ApplyPolicyTest, ManyStreamsComeAndGo) {
  Ring(2'000);
  engine::ObedientAgent agent(&port_, &engine_);
  auto request = Request(100'000);
  request.set_request_id("id");
  for (int i = 0; i < 100; ++i) {
    Open(request);
    if (i % 2 == 0) stream_->Read(&response_);
    context_->TryCancel();
    ReadAll();
  }
  grpc::Status status;
  do {
    Open(request);
    status = ReadAll();
  } while (status.error_code() == grpc::StatusCode::ABORTED);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response_.ended_count(), 2'000);
}

}  // namespace
}  // namespace adieu::api
