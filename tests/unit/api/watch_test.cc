#include <thread>

#include "tests/unit/api/fixture.h"

namespace adieu::api {
namespace {

class WatchTest : public ServerTest {
 protected:
  void Open(const std::string& resume_token = "") {
    v1::WatchCallsRequest request;
    request.set_resume_token(resume_token);
    context_ = Context();
    stream_ = stub_->WatchCalls(context_.get(), request);
  }
  // In words: a call's name, `-name`, `bookmark`, `end`.
  std::string Next() {
    v1::WatchCallsResponse response;
    if (!stream_->Read(&response)) return "end";
    if (!response.resume_token().empty()) token_ = response.resume_token();
    if (response.has_bookmark()) return "bookmark";
    return response.removed_name().empty() ? response.call().name() : "-" + response.removed_name();
  }

  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchCallsResponse>> stream_;
  std::string token_;
};

TEST_F(WatchTest, StreamsAndResumes) {
  engine_.OnCall(MakeCall("a"));
  Open();
  EXPECT_EQ(Next(), "calls/a");
  EXPECT_EQ(Next(), "bookmark");
  engine_.OnCall(MakeCall("b"));
  EXPECT_EQ(Next(), "calls/b");
  context_->TryCancel();
  EXPECT_EQ(Next(), "end");
  EXPECT_EQ(stream_->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(CountsSoon("grpc_code=\"Canceled\",grpc_method=\"WatchCalls\""));

  engine_.OnCall(MakeCall("c"));
  Open(token_);
  EXPECT_EQ(Next(), "calls/c");
  EXPECT_EQ(Next(), "bookmark");
}

TEST_F(WatchTest, RefusalsHaveDetails) {
  Open("rubbish");
  EXPECT_EQ(Next(), "end");
  grpc::Status status = stream_->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(DetailsOf(status).bad_request.field_violations(0).field(), "resume_token");
  Open(engine::EncodeResumeToken({"another boot", 1, std::chrono::system_clock::now()}));
  EXPECT_EQ(Next(), "end");
  status = stream_->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(DetailsOf(status).info.reason(), "RESUME_TOKEN_EXPIRED");
}

TEST_F(WatchTest, ShutdownEndsStreamsWithABookmark) {
  Open();
  EXPECT_EQ(Next(), "bookmark");
  std::thread shutdown([this] { server_->Shutdown(std::chrono::system_clock::now() + kPatience); });
  EXPECT_EQ(Next(), "bookmark");
  EXPECT_EQ(Next(), "end");
  EXPECT_TRUE(stream_->Finish().ok());
  shutdown.join();
}

TEST_F(WatchTest, AClientThatReadsNothingDoesNotHoldUpShutdown) {
  for (int i = 0; i < 3000; ++i) engine_.OnCall(MakeCall(std::to_string(i)));
  Open();
  EXPECT_EQ(Next(), "calls/0");
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
}

TEST_F(WatchTest, ManyStreamsComeAndGo) {
  engine_.OnCall(MakeCall("a"));
  for (int i = 0; i < 100; ++i) {
    Open();
    if (i % 2 == 0) {
      EXPECT_EQ(Next(), "calls/a");
    }
    context_->TryCancel();
    while (Next() != "end") {
    }
    stream_->Finish();
  }
  EXPECT_TRUE(CountsSoon("adieu_watchers 0")) << metrics_.Text();
}

}  // namespace
}  // namespace adieu::api
