#include "server/api/call_control_service.h"

#include <utility>

#include "server/api/apply_policy_reactor.h"
#include "server/api/principal.h"
#include "server/api/reply.h"
#include "server/api/terminate_reactor.h"
#include "server/api/watch_reactor.h"

namespace adieu::api {
namespace {

using metrics::RpcType;

metrics::Metrics::RpcKey Register(metrics::Metrics* metrics, RpcType type, const char* method) {
  return metrics->RegisterRpc(type, v1::CallControlService::service_full_name(), method);
}

}  // namespace

CallControlService::CallControlService(engine::Engine* engine, metrics::Metrics* metrics)
    : engine_(engine),
      metrics_(metrics),
      list_calls_(Register(metrics, RpcType::kUnary, "ListCalls")),
      get_call_(Register(metrics, RpcType::kUnary, "GetCall")),
      watch_calls_(Register(metrics, RpcType::kServerStream, "WatchCalls")),
      list_terminations_(Register(metrics, RpcType::kUnary, "ListTerminations")),
      terminate_call_(Register(metrics, RpcType::kUnary, "TerminateCall")),
      apply_cancel_policy_(Register(metrics, RpcType::kServerStream, "ApplyCancelPolicy")) {}

grpc::ServerUnaryReactor* CallControlService::ListCalls(grpc::CallbackServerContext* context,
                                                        const v1::ListCallsRequest* request,
                                                        v1::ListCallsResponse* response) {
  const RpcCount count(metrics_, list_calls_);
  return Reply(context, count, engine_->List(*request), response);
}

grpc::ServerUnaryReactor* CallControlService::GetCall(grpc::CallbackServerContext* context,
                                                      const v1::GetCallRequest* request, v1::Call* response) {
  const RpcCount count(metrics_, get_call_);
  return Reply(context, count, engine_->Get(*request), response);
}

grpc::ServerWriteReactor<v1::WatchCallsResponse>* CallControlService::WatchCalls(
    grpc::CallbackServerContext*, const v1::WatchCallsRequest* request) {
  return new WatchReactor(*request, engine_, RpcCount(metrics_, watch_calls_));
}

grpc::ServerUnaryReactor* CallControlService::ListTerminations(grpc::CallbackServerContext* context,
                                                               const v1::ListTerminationsRequest* request,
                                                               v1::ListTerminationsResponse* response) {
  const RpcCount count(metrics_, list_terminations_);
  return Reply(context, count, engine_->ListTerminations(*request), response);
}

grpc::ServerUnaryReactor* CallControlService::TerminateCall(grpc::CallbackServerContext* context,
                                                            const v1::TerminateCallRequest* request,
                                                            v1::Termination* response) {
  return new TerminateReactor(*context, *request, response, kPrincipal, engine_,
                              RpcCount(metrics_, terminate_call_));
}

grpc::ServerWriteReactor<v1::ApplyCancelPolicyResponse>* CallControlService::ApplyCancelPolicy(
    grpc::CallbackServerContext*, const v1::ApplyCancelPolicyRequest* request) {
  return new ApplyPolicyReactor(*request, kPrincipal, engine_, RpcCount(metrics_, apply_cancel_policy_));
}

}  // namespace adieu::api
