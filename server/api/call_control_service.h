#pragma once

#include "adieu/v1/call_control_service.grpc.pb.h"
#include "server/access/door.h"
#include "server/api/method.h"
#include "server/api/rpc.h"
#include "server/engine/engine.h"
#include "server/metrics/metrics.h"

namespace adieu::api {

// CallControlService on gRPC's callback API: hands requests to the engine, turns errors into statuses,
// counts. gRPC's threads. Owned by Server; engine, door and metrics must outlive it.
class CallControlService : public v1::CallControlService::CallbackService {
 public:
  CallControlService(engine::Engine* engine, access::Door* door, metrics::Metrics* metrics);

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
  Rpc Begin(const Method& method, const grpc::CallbackServerContext& context,
            const google::protobuf::Message& request) const {
    return Rpc(method, door_, metrics_, context, request);
  }

  engine::Engine* const engine_;
  access::Door* const door_;
  metrics::Metrics* const metrics_;
  const Method list_calls_;
  const Method get_call_;
  const Method watch_calls_;
  const Method list_terminations_;
  const Method terminate_call_;
  const Method apply_cancel_policy_;
};

}  // namespace adieu::api
