#include "server/api/server.h"

#include <grpcpp/generic/generic_stub.h>
#include <unistd.h>

#include "tests/unit/api/fixture.h"

namespace adieu::api {
namespace {

class ListenTest : public ServerTest {};

// The raw answer of grpc.health.v1.Health/Check: field 1 is the status; 1 SERVING, 2 NOT_SERVING.
std::string Health(const std::shared_ptr<grpc::Channel>& channel, const std::string& service) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  std::string request;
  if (!service.empty()) request = std::string("\n") + static_cast<char>(service.size()) + service;
  grpc::Slice slice(request);
  const grpc::ByteBuffer send(&slice, 1);
  grpc::ByteBuffer reply;
  grpc::CompletionQueue queue;
  auto call = stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", send, &queue);
  call->StartCall();
  grpc::Status status;
  call->Finish(&reply, &status, nullptr);
  void* tag;
  bool ok;
  queue.Next(&tag, &ok);
  if (!status.ok()) return "error";
  grpc::Slice bytes;
  EXPECT_TRUE(reply.DumpToSingleSlice(&bytes).ok());
  const std::string body(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
  return body == "\x08\x01" ? "SERVING" : body == "\x08\x02" ? "NOT_SERVING" : "unknown";
}

TEST_F(ListenTest, APortInUseIsAnError) {
  const auto second = Start(server_->address());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().reason, "API_LISTEN_FAILED");
  EXPECT_NE(second.error().message.find(server_->address()), std::string::npos);
}

TEST_F(ListenTest, TheBoundPortIsKnown) {
  EXPECT_EQ(server_->address().substr(0, 10), "127.0.0.1:");
  EXPECT_NE(server_->address(), "127.0.0.1:0");
}

TEST_F(ListenTest, ListensOnAUnixSocket) {
  const std::string address = "unix:/tmp/adieu-api-test-" + std::to_string(getpid());
  const auto server = Start(address);
  ASSERT_TRUE(server.ok());
  EXPECT_EQ((*server)->address(), address);
  auto stub =
      v1::CallControlService::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  v1::ListCallsResponse list;
  EXPECT_TRUE(stub->ListCalls(Context().get(), {}, &list).ok());
}

TEST_F(ListenTest, HealthTellsReadyAndLive) {
  EXPECT_EQ(Health(channel_, ""), "SERVING");
  EXPECT_EQ(Health(channel_, "adieu.live"), "SERVING");
  EXPECT_EQ(Health(channel_, "nothing"), "error");
  server_->SetReady(false);
  EXPECT_EQ(Health(channel_, ""), "NOT_SERVING");
  EXPECT_EQ(Health(channel_, "adieu.live"), "SERVING");
  server_->SetLive(false);
  EXPECT_EQ(Health(channel_, "adieu.live"), "NOT_SERVING");
}

TEST_F(ListenTest, ALargeRequestIsRefused) {
  v1::TerminateCallRequest request;
  request.set_name("calls/a");
  request.set_note(std::string(2 << 20, 'x'));
  v1::Termination termination;
  EXPECT_EQ(Terminate(request, &termination).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(ListenTest, ShutdownMayComeTwice) {
  server_->Shutdown(std::chrono::system_clock::now() + kPatience);
  server_->Shutdown(std::chrono::system_clock::now() + kPatience);
  EXPECT_EQ(Terminate("calls/a").error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace adieu::api
