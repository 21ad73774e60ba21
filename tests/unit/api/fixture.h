#pragma once

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "adieu/v1/call_control_service.grpc.pb.h"
#include "server/api/server.h"
#include "tests/unit/engine/fakes.h"

namespace adieu::api {

using engine::FakePort;
using engine::Inbox;
using engine::kPatience;
using engine::MakeCall;
using engine::MakeLeg;

// What the details of a status say. Empty where there is no such detail.
struct Details {
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad_request;
  google::rpc::RetryInfo retry;
};

inline Details DetailsOf(const grpc::Status& status) {
  google::rpc::Status rpc;
  EXPECT_TRUE(rpc.ParseFromString(status.error_details()));
  EXPECT_EQ(rpc.code(), static_cast<int>(status.error_code()));
  EXPECT_EQ(rpc.message(), status.error_message());
  Details details;
  for (const auto& any : rpc.details()) {
    EXPECT_TRUE(any.UnpackTo(&details.info) || any.UnpackTo(&details.bad_request) ||
                any.UnpackTo(&details.retry));
  }
  return details;
}

// A real server on a free port, with the engine behind it; the test plays the agent.
class ServerTest : public testing::Test {
 protected:
  explicit ServerTest(engine::Engine::Options options = {.queue = 2, .workers = 1})
      : engine_(std::move(options), store_.get(), &metrics_) {
    engine_.Connect(&port_, {});
    auto server = Start("127.0.0.1:0");
    EXPECT_TRUE(server.ok());
    server_ = std::move(*server);
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    stub_ = v1::CallControlService::NewStub(channel_);
  }

  base::Result<std::unique_ptr<Server>> Start(const std::string& listen) {
    Server::Options options;
    options.api.set_listen(listen);
    return Server::Start(std::move(options), &engine_, &metrics_);
  }
  static std::unique_ptr<grpc::ClientContext> Context() {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(std::chrono::system_clock::now() + kPatience);
    return context;
  }
  grpc::Status Terminate(const v1::TerminateCallRequest& request, v1::Termination* termination) {
    return stub_->TerminateCall(Context().get(), request, termination);
  }
  grpc::Status Terminate(const std::string& call) {
    v1::TerminateCallRequest request;
    request.set_name(call);
    v1::Termination termination;
    return Terminate(request, &termination);
  }
  bool Counts(const std::string& line) { return metrics_.Text().find(line) != std::string::npos; }
  // Counted after the client has its answer: a moment later.
  bool CountsSoon(const std::string& line) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!Counts(line) && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return Counts(line);
  }

  metrics::Metrics metrics_{"test"};
  FakePort port_;
  std::unique_ptr<store::Store> store_ = store::OpenMemory();
  engine::Engine engine_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::CallControlService::Stub> stub_;
};

}  // namespace adieu::api
