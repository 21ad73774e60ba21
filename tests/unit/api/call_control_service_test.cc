#include <future>
#include <thread>

#include "tests/unit/api/fixture.h"

namespace adieu::api {
namespace {

class CallControlServiceTest : public ServerTest {
 protected:
  // The only worker is busy until the promise is set.
  std::promise<void> HoldWorker() {
    std::promise<void> release;
    std::promise<void> held;
    engine_.terminator().EndByTrigger(
        "calls/none", v1::TRIGGER_DRAIN,
        [&held, released = std::make_shared<std::future<void>>(release.get_future())](const auto&) {
          held.set_value();
          released->wait_for(kPatience);
        });
    EXPECT_EQ(held.get_future().wait_for(kPatience), std::future_status::ready);
    return release;
  }
};

TEST_F(CallControlServiceTest, ListsAndGets) {
  engine_.OnCall(MakeCall("a"));
  engine_.OnCall(MakeCall("b"));
  v1::ListCallsResponse list;
  EXPECT_TRUE(stub_->ListCalls(Context().get(), {}, &list).ok());
  EXPECT_EQ(list.calls_size(), 2);
  EXPECT_FALSE(list.resume_token().empty());
  v1::GetCallRequest get;
  get.set_name("calls/b");
  v1::Call call;
  EXPECT_TRUE(stub_->GetCall(Context().get(), get, &call).ok());
  EXPECT_EQ(call.caller().sip_call_id(), "b@host");
  EXPECT_TRUE(
      CountsSoon("grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"GetCall\","
                 "grpc_service=\"adieu.v1.CallControlService\",grpc_type=\"unary\"} 1"))
      << metrics_.Text();
}

TEST_F(CallControlServiceTest, ErrorsOfReads) {
  v1::ListCallsRequest list;
  list.set_page_size(1001);
  v1::ListCallsResponse calls;
  grpc::Status status = stub_->ListCalls(Context().get(), list, &calls);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(DetailsOf(status).bad_request.field_violations(0).field(), "page_size");

  v1::GetCallRequest get;
  get.set_name("calls/none");
  v1::Call call;
  status = stub_->GetCall(Context().get(), get, &call);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(DetailsOf(status).info.reason(), "CALL_NOT_FOUND");
  EXPECT_TRUE(CountsSoon("grpc_code=\"NotFound\",grpc_method=\"GetCall\""));

  v1::ListTerminationsRequest terminations;
  terminations.set_page_size(-1);
  v1::ListTerminationsResponse page;
  status = stub_->ListTerminations(Context().get(), terminations, &page);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(CallControlServiceTest, TerminatesAndListsIt) {
  engine_.OnCall(MakeCall("a"));
  std::thread agent([this] {
    const auto order = port_.orders.Take();
    if (order) engine_.OnLegEnding(order->termination, order->call, MakeLeg(v1::LEG_OUTCOME_SENT));
  });
  v1::TerminateCallRequest request;
  request.set_name("calls/a");
  v1::Termination termination;
  EXPECT_TRUE(Terminate(request, &termination).ok());
  agent.join();
  EXPECT_EQ(termination.principal(), "anonymous");
  EXPECT_EQ(termination.legs(0).outcome(), v1::LEG_OUTCOME_SENT);
  v1::ListTerminationsResponse page;
  EXPECT_TRUE(stub_->ListTerminations(Context().get(), {}, &page).ok());
  ASSERT_EQ(page.terminations_size(), 1);
  EXPECT_EQ(page.terminations(0).name(), termination.name());
}

TEST_F(CallControlServiceTest, ErrorsOfTerminateCall) {
  engine_.OnCall(MakeCall("twin1", v1::CALL_STATE_RINGING, "x"));
  engine_.OnCall(MakeCall("twin2", v1::CALL_STATE_RINGING, "x"));
  v1::TerminateCallRequest request;
  v1::Termination termination;
  grpc::Status status = Terminate(request, &termination);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_GT(DetailsOf(status).bad_request.field_violations_size(), 0);

  request.set_sip_call_id("x");
  status = Terminate(request, &termination);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(DetailsOf(status).info.reason(), "AMBIGUOUS");
  EXPECT_EQ(DetailsOf(status).info.metadata().at("calls"), "calls/twin1,calls/twin2");

  request.set_name("calls/twin1");
  request.set_policy("cancelPolicies/mine");
  status = Terminate(request, &termination);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(DetailsOf(status).info.reason(), "POLICY_NOT_FOUND");
}

TEST_F(CallControlServiceTest, AFullQueueSaysWhenToRetry) {
  for (const char* id : {"a", "b", "c"}) engine_.OnCall(MakeCall(id));
  std::promise<void> release = HoldWorker();
  std::vector<std::thread> clients;
  Inbox<grpc::Status> statuses;
  for (const char* call : {"calls/a", "calls/b", "calls/c"}) {
    clients.emplace_back([&, call] { statuses.Put(Terminate(call)); });
  }
  // Two wait, whichever they are; the third is refused.
  const auto refused = statuses.Take();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(DetailsOf(*refused).info.reason(), "QUEUE_FULL");
  EXPECT_GT(DetailsOf(*refused).retry.retry_delay().nanos(), 0);
  release.set_value();
  for (int i = 0; i < 2; ++i) {
    const auto order = port_.orders.Take();
    ASSERT_TRUE(order);
    engine_.OnLegEnding(order->termination, order->call, MakeLeg(v1::LEG_OUTCOME_ENDED));
  }
  for (auto& client : clients) client.join();
  EXPECT_TRUE(Counts("adieu_queue_rejected_total 1"));
}

TEST_F(CallControlServiceTest, AClientThatGoesAwayInTimeLeavesTheCallAlone) {
  engine_.OnCall(MakeCall("a"));
  engine_.OnCall(MakeCall("b"));
  std::promise<void> release = HoldWorker();
  grpc::ClientContext context;
  std::thread client([&] {
    v1::TerminateCallRequest request;
    request.set_name("calls/a");
    v1::Termination termination;
    EXPECT_EQ(stub_->TerminateCall(&context, request, &termination).error_code(),
              grpc::StatusCode::CANCELLED);
  });
  EXPECT_TRUE(CountsSoon("adieu_queue_depth 1")) << "the server has it";
  context.TryCancel();
  client.join();
  EXPECT_TRUE(CountsSoon("grpc_code=\"Canceled\",grpc_method=\"TerminateCall\"")) << metrics_.Text();
  release.set_value();
  std::thread other([&] { Terminate("calls/b"); });
  const auto order = port_.orders.Take();
  ASSERT_TRUE(order);
  EXPECT_EQ(order->call, "calls/b");
  engine_.OnLegEnding(order->termination, order->call, MakeLeg(v1::LEG_OUTCOME_ENDED));
  other.join();
  EXPECT_EQ(engine_.registry().Find("calls/a")->termination(), "");
}

TEST_F(CallControlServiceTest, AClientThatGoesAwayTooLateEndsTheCall) {
  engine_.OnCall(MakeCall("a"));
  grpc::ClientContext context;
  std::thread client([&] {
    v1::TerminateCallRequest request;
    request.set_name("calls/a");
    v1::Termination termination;
    EXPECT_FALSE(stub_->TerminateCall(&context, request, &termination).ok());
  });
  const auto order = port_.orders.Take();
  context.TryCancel();
  client.join();
  engine_.OnLegEnding(order->termination, order->call, MakeLeg(v1::LEG_OUTCOME_ENDED));
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (engine_.terminator().pending() > 0 && std::chrono::steady_clock::now() < deadline) {
    store_->Flush(deadline);
  }
  const auto stored = store_->Get(order->termination);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->legs(0).outcome(), v1::LEG_OUTCOME_ENDED);
}

TEST_F(CallControlServiceTest, ADeadlineEndsTheWaiting) {
  engine_.OnCall(MakeCall("a"));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
  v1::TerminateCallRequest request;
  request.set_name("calls/a");
  v1::Termination termination;
  EXPECT_EQ(stub_->TerminateCall(&context, request, &termination).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
}

}  // namespace
}  // namespace adieu::api
