#include "client/adieu/client.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <utility>
#include <vector>

#include "client/adieu/ask.h"
#include "client/adieu/bearer.h"

namespace adieu::client {

namespace {

// A page of 1000 calls, each with 32 headers of 256 bytes, is about 10 MB.
constexpr int kMaxMessageBytes = 64 * 1024 * 1024;

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(const Security& security) {
  if (!security.tls) return grpc::InsecureChannelCredentials();
  return grpc::SslCredentials({.pem_root_certs = security.cas,
                               .pem_private_key = security.private_key,
                               .pem_cert_chain = security.certificate});
}

std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> InterceptorsOf(
    const Security& security) {
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
  if (security.token) interceptors.push_back(std::make_unique<Bearer::Factory>(security.token));
  return interceptors;
}

}  // namespace

Client Client::Connect(const std::string& address, Options options, const Security& security) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  // SIP servers are reached directly; an http_proxy meant for the web must not break probes of loopback.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // A watch that comes back must not wait for gRPC's own back-off of up to 2 minutes.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  if (!security.server_name.empty()) arguments.SetSslTargetNameOverride(security.server_name);
  return Client(grpc::experimental::CreateCustomChannelWithInterceptors(address, CredentialsOf(security),
                                                                        arguments, InterceptorsOf(security)),
                options);
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
