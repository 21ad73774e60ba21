#pragma once

#include "adieu/v1/call_control_service.grpc.pb.h"
#include "server/api/rpc_count.h"
#include "server/engine/engine.h"
#include "server/metrics/metrics.h"

namespace adieu::api {

// CallControlService on gRPC's callback API: hands requests to the engine, turns errors into statuses,
// counts. gRPC's threads. Owned by Server; engine and metrics must outlive it.
class CallControlService : public v1::CallControlService::CallbackService {
 public:
  CallControlService(engine::Engine* engine, metrics::Metrics* metrics);

  grpc::ServerUnaryReactor* ListCalls(grpc::CallbackServerContext* context,
                                      const v1::ListCallsRequest* request,
                                      v1::ListCallsResponse* response) override;
  grpc::ServerUnaryReactor* GetCall(grpc::CallbackServerContext* context, const v1::GetCallRequest* request,
                                    v1::Call* response) override;
  grpc::ServerWriteReactor<v1::WatchCallsResponse>* WatchCalls(grpc::CallbackServerContext* context,
                                                               const v1::WatchCallsRequest* request) override;
  grpc::ServerUnaryReactor* ListTerminations(grpc::CallbackServerContext* context,
                                             const v1::ListTerminationsRequest* request,
                                             v1::ListTerminationsResponse* response) override;
  grpc::ServerUnaryReactor* TerminateCall(grpc::CallbackServerContext* context,
                                          const v1::TerminateCallRequest* request,
                                          v1::Termination* response) override;
  grpc::ServerWriteReactor<v1::ApplyCancelPolicyResponse>* ApplyCancelPolicy(
      grpc::CallbackServerContext* context, const v1::ApplyCancelPolicyRequest* request) override;

 private:
  using RpcKey = metrics::Metrics::RpcKey;

  engine::Engine* const engine_;
  metrics::Metrics* const metrics_;
  const RpcKey list_calls_;
  const RpcKey get_call_;
  const RpcKey watch_calls_;
  const RpcKey list_terminations_;
  const RpcKey terminate_call_;
  const RpcKey apply_cancel_policy_;
};

}  // namespace adieu::api
