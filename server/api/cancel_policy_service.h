#pragma once

#include "adieu/v1/cancel_policy_service.grpc.pb.h"
#include "server/access/door.h"
#include "server/api/method.h"
#include "server/api/rpc.h"
#include "server/engine/engine.h"
#include "server/metrics/metrics.h"

namespace adieu::api {

// CancelPolicyService on gRPC's callback API: hands requests to the engine, turns errors into statuses,
// counts. gRPC's threads. Owned by Server; engine, door and metrics must outlive it.
class CancelPolicyService : public v1::CancelPolicyService::CallbackService {
 public:
  CancelPolicyService(engine::Engine* engine, access::Door* door, metrics::Metrics* metrics);

  grpc::ServerUnaryReactor* ListCancelPolicies(grpc::CallbackServerContext* context,
                                               const v1::ListCancelPoliciesRequest* request,
                                               v1::ListCancelPoliciesResponse* response) override;
  grpc::ServerUnaryReactor* GetCancelPolicy(grpc::CallbackServerContext* context,
                                            const v1::GetCancelPolicyRequest* request,
                                            v1::CancelPolicy* response) override;
  grpc::ServerUnaryReactor* CreateCancelPolicy(grpc::CallbackServerContext* context,
                                               const v1::CreateCancelPolicyRequest* request,
                                               v1::CancelPolicy* response) override;
  grpc::ServerUnaryReactor* UpdateCancelPolicy(grpc::CallbackServerContext* context,
                                               const v1::UpdateCancelPolicyRequest* request,
                                               v1::CancelPolicy* response) override;
  grpc::ServerUnaryReactor* DeleteCancelPolicy(grpc::CallbackServerContext* context,
                                               const v1::DeleteCancelPolicyRequest* request,
                                               google::protobuf::Empty* response) override;
  grpc::ServerUnaryReactor* ExplainCancelPolicy(grpc::CallbackServerContext* context,
                                                const v1::ExplainCancelPolicyRequest* request,
                                                v1::ExplainCancelPolicyResponse* response) override;

 private:
  Rpc Begin(const Method& method, const grpc::CallbackServerContext& context,
            const google::protobuf::Message& request) const {
    return Rpc(method, door_, metrics_, context, request);
  }

  engine::Engine* const engine_;
  access::Door* const door_;
  metrics::Metrics* const metrics_;
  const Method list_;
  const Method get_;
  const Method create_;
  const Method update_;
  const Method delete_;
  const Method explain_;
};

}  // namespace adieu::api
