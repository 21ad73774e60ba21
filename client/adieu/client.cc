#include "client/adieu/client.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <utility>

#include "client/adieu/ask.h"

namespace adieu::client {

namespace {

// A page of 1000 calls, each with 32 headers of 256 bytes, is about 10 MB.
constexpr int kMaxMessageBytes = 64 * 1024 * 1024;

}  // namespace

Client Client::Connect(const std::string& address, Options options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  // SIP servers are reached directly; an http_proxy meant for the web must not break probes of loopback.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // A watch that comes back must not wait for gRPC's own back-off of up to 2 minutes.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  return Client(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments), options);
}

Client::Client(std::shared_ptr<grpc::Channel> channel, Options options)
    : options_(options),
      calls_(v1::CallControlService::NewStub(channel)),
      policies_(v1::CancelPolicyService::NewStub(channel)),
      health_(grpc::health::v1::Health::NewStub(channel)) {}

Result<v1::Call> Client::GetCall(const std::string& name) const {
  v1::GetCallRequest request;
  request.set_name(name);
  return Ask(*calls_, &v1::CallControlService::Stub::GetCall, request, NewDeadline());
}

Result<ServingStatus> Client::CheckHealth(const std::string& service) const {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  const auto response = Ask(*health_, &grpc::health::v1::Health::Stub::Check, request, NewDeadline());
  if (!response.ok()) return response.error();
  return response->status();
}

}  // namespace adieu::client
