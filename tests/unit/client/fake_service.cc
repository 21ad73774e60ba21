#include "tests/unit/client/fake_service.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <condition_variable>

namespace adieu::client {
namespace {

grpc::Status NoHook() { return {grpc::StatusCode::UNIMPLEMENTED, "the test has no hook for this"}; }

}  // namespace

const std::string& FakeServer::address() {
  if (server_) return address_;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&calls_);
  builder.RegisterService(&policies_);
  builder.RegisterService(&health_);
  server_ = builder.BuildAndStart();
  address_ = "127.0.0.1:" + std::to_string(port);
  return address_;
}

FakeServer::~FakeServer() {
  if (server_) server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
}

grpc::Status FakeServer::Calls::ListCalls(grpc::ServerContext*, const v1::ListCallsRequest* request,
                                          v1::ListCallsResponse* response) {
  lists.Add(*request);
  return server_.list_calls ? server_.list_calls(*request, response) : NoHook();
}

grpc::Status FakeServer::Calls::GetCall(grpc::ServerContext*, const v1::GetCallRequest* request,
                                        v1::Call* call) {
  return server_.get_call ? server_.get_call(*request, call) : NoHook();
}

grpc::Status FakeServer::Calls::WatchCalls(grpc::ServerContext* context, const v1::WatchCallsRequest* request,
                                           Writer* writer) {
  const int attempt = watches.Add(*request);
  return server_.watch_calls ? server_.watch_calls(attempt, *request, context, writer) : NoHook();
}

grpc::Status FakeServer::Calls::TerminateCall(grpc::ServerContext*, const v1::TerminateCallRequest* request,
                                              v1::Termination* termination) {
  const int attempt = terminates.Add(*request);
  return server_.terminate_call ? server_.terminate_call(attempt, *request, termination) : NoHook();
}

grpc::Status FakeServer::Calls::ListTerminations(grpc::ServerContext*,
                                                 const v1::ListTerminationsRequest* request,
                                                 v1::ListTerminationsResponse* response) {
  terminations.Add(*request);
  return server_.list_terminations ? server_.list_terminations(*request, response) : NoHook();
}

grpc::Status FakeServer::Calls::ApplyCancelPolicy(grpc::ServerContext* context,
                                                  const v1::ApplyCancelPolicyRequest* request,
                                                  SweepWriter* writer) {
  const int attempt = sweeps.Add(*request);
  return server_.apply_cancel_policy ? server_.apply_cancel_policy(attempt, *request, context, writer)
                                     : NoHook();
}

grpc::Status FakeServer::Policies::ListCancelPolicies(grpc::ServerContext*,
                                                      const v1::ListCancelPoliciesRequest* request,
                                                      v1::ListCancelPoliciesResponse* response) {
  lists.Add(*request);
  return server_.list_policies ? server_.list_policies(*request, response) : NoHook();
}

grpc::Status FakeServer::Policies::GetCancelPolicy(grpc::ServerContext*,
                                                   const v1::GetCancelPolicyRequest* request,
                                                   v1::CancelPolicy* policy) {
  return server_.get_policy ? server_.get_policy(*request, policy) : NoHook();
}

grpc::Status FakeServer::Policies::CreateCancelPolicy(grpc::ServerContext*,
                                                      const v1::CreateCancelPolicyRequest* request,
                                                      v1::CancelPolicy* policy) {
  const int attempt = creates.Add(*request);
  return server_.create_policy ? server_.create_policy(attempt, *request, policy) : NoHook();
}

grpc::Status FakeServer::Policies::UpdateCancelPolicy(grpc::ServerContext*,
                                                      const v1::UpdateCancelPolicyRequest* request,
                                                      v1::CancelPolicy* policy) {
  const int attempt = updates.Add(*request);
  return server_.update_policy ? server_.update_policy(attempt, *request, policy) : NoHook();
}

grpc::Status FakeServer::Policies::DeleteCancelPolicy(grpc::ServerContext*,
                                                      const v1::DeleteCancelPolicyRequest* request,
                                                      google::protobuf::Empty*) {
  const int attempt = deletes.Add(*request);
  return server_.delete_policy ? server_.delete_policy(attempt, *request) : NoHook();
}

grpc::Status FakeServer::Policies::ExplainCancelPolicy(grpc::ServerContext*,
                                                       const v1::ExplainCancelPolicyRequest* request,
                                                       v1::ExplainCancelPolicyResponse* response) {
  explains.Add(*request);
  return server_.explain_policy ? server_.explain_policy(*request, response) : NoHook();
}

grpc::Status FakeServer::Health::Check(grpc::ServerContext*,
                                       const grpc::health::v1::HealthCheckRequest* request,
                                       grpc::health::v1::HealthCheckResponse* response) {
  const auto found = server_.health.find(request->service());
  if (found == server_.health.end()) return {grpc::StatusCode::NOT_FOUND, "unknown service"};
  response->set_status(found->second);
  return grpc::Status::OK;
}

void HoldUntilCancelled(grpc::ServerContext* context) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!context->IsCancelled() && std::chrono::steady_clock::now() < limit) {
    never.wait_for(lock, std::chrono::milliseconds(5));
  }
}

grpc::Status Refusal(const Error& error) {
  google::rpc::Status status;
  status.set_code(error.code);
  status.set_message(error.message);
  google::rpc::ErrorInfo info;
  info.set_reason(error.reason);
  info.set_domain("adieu.v1");
  info.mutable_metadata()->insert(error.metadata.begin(), error.metadata.end());
  status.add_details()->PackFrom(info);
  if (!error.violations.empty()) {
    google::rpc::BadRequest bad_request;
    for (const auto& violation : error.violations) {
      auto& field = *bad_request.add_field_violations();
      field.set_field(violation.field);
      field.set_description(violation.description);
    }
    status.add_details()->PackFrom(bad_request);
  }
  if (error.retry_after) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(error.retry_after->count() / 1000);
    retry.mutable_retry_delay()->set_nanos(static_cast<int>(error.retry_after->count() % 1000) * 1'000'000);
    status.add_details()->PackFrom(retry);
  }
  return {error.code, error.message, status.SerializeAsString()};
}

}  // namespace adieu::client
