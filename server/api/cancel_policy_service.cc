#include "server/api/cancel_policy_service.h"

#include <utility>

#include "server/api/policy_write_reactor.h"
#include "server/api/principal.h"
#include "server/api/reply.h"

namespace adieu::api {
namespace {

metrics::Metrics::RpcKey Register(metrics::Metrics* metrics, const char* method) {
  return metrics->RegisterRpc(metrics::RpcType::kUnary, v1::CancelPolicyService::service_full_name(), method);
}

}  // namespace

CancelPolicyService::CancelPolicyService(engine::Engine* engine, metrics::Metrics* metrics)
    : engine_(engine),
      metrics_(metrics),
      list_(Register(metrics, "ListCancelPolicies")),
      get_(Register(metrics, "GetCancelPolicy")),
      create_(Register(metrics, "CreateCancelPolicy")),
      update_(Register(metrics, "UpdateCancelPolicy")),
      delete_(Register(metrics, "DeleteCancelPolicy")),
      explain_(Register(metrics, "ExplainCancelPolicy")) {}

grpc::ServerUnaryReactor* CancelPolicyService::ListCancelPolicies(
    grpc::CallbackServerContext* context, const v1::ListCancelPoliciesRequest* request,
    v1::ListCancelPoliciesResponse* response) {
  const RpcCount count(metrics_, list_);
  return Reply(context, count, engine_->policies().List(*request), response);
}

grpc::ServerUnaryReactor* CancelPolicyService::GetCancelPolicy(grpc::CallbackServerContext* context,
                                                               const v1::GetCancelPolicyRequest* request,
                                                               v1::CancelPolicy* response) {
  const RpcCount count(metrics_, get_);
  return Reply(context, count, engine_->policies().Get(*request), response);
}

grpc::ServerUnaryReactor* CancelPolicyService::CreateCancelPolicy(
    grpc::CallbackServerContext*, const v1::CreateCancelPolicyRequest* request, v1::CancelPolicy* response) {
  return new PolicyWriteReactor<v1::CancelPolicy>(
      RpcCount(metrics_, create_),
      [&](auto done) { engine_->policies().Create(*request, kPrincipal, std::move(done)); },
      [response](v1::CancelPolicy policy) { *response = std::move(policy); });
}

grpc::ServerUnaryReactor* CancelPolicyService::UpdateCancelPolicy(
    grpc::CallbackServerContext*, const v1::UpdateCancelPolicyRequest* request, v1::CancelPolicy* response) {
  return new PolicyWriteReactor<v1::CancelPolicy>(
      RpcCount(metrics_, update_),
      [&](auto done) { engine_->policies().Update(*request, kPrincipal, std::move(done)); },
      [response](v1::CancelPolicy policy) { *response = std::move(policy); });
}

grpc::ServerUnaryReactor* CancelPolicyService::DeleteCancelPolicy(
    grpc::CallbackServerContext*, const v1::DeleteCancelPolicyRequest* request, google::protobuf::Empty*) {
  return new PolicyWriteReactor<bool>(
      RpcCount(metrics_, delete_),
      [&](auto done) { engine_->policies().Delete(*request, kPrincipal, std::move(done)); }, [](bool) {});
}

grpc::ServerUnaryReactor* CancelPolicyService::ExplainCancelPolicy(
    grpc::CallbackServerContext* context, const v1::ExplainCancelPolicyRequest* request,
    v1::ExplainCancelPolicyResponse* response) {
  const RpcCount count(metrics_, explain_);
  return Reply(context, count, engine_->Explain(*request), response);
}

}  // namespace adieu::api
