#include "server/api/cancel_policy_service.h"

#include <utility>

#include "server/api/principal.h"
#include "server/api/reply.h"
#include "server/api/slow_reactor.h"

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
  return new SlowReactor<v1::CreateCancelPolicyRequest, v1::CancelPolicy>(
      &engine_->slow_lane(), *request, RpcCount(metrics_, create_),
      [this](const auto& kept, auto done) { engine_->policies().Create(kept, kPrincipal, std::move(done)); },
      [response](v1::CancelPolicy policy) { *response = std::move(policy); });
}

grpc::ServerUnaryReactor* CancelPolicyService::UpdateCancelPolicy(
    grpc::CallbackServerContext*, const v1::UpdateCancelPolicyRequest* request, v1::CancelPolicy* response) {
  return new SlowReactor<v1::UpdateCancelPolicyRequest, v1::CancelPolicy>(
      &engine_->slow_lane(), *request, RpcCount(metrics_, update_),
      [this](const auto& kept, auto done) { engine_->policies().Update(kept, kPrincipal, std::move(done)); },
      [response](v1::CancelPolicy policy) { *response = std::move(policy); });
}

grpc::ServerUnaryReactor* CancelPolicyService::DeleteCancelPolicy(
    grpc::CallbackServerContext*, const v1::DeleteCancelPolicyRequest* request, google::protobuf::Empty*) {
  return new SlowReactor<v1::DeleteCancelPolicyRequest, bool>(
      &engine_->slow_lane(), *request, RpcCount(metrics_, delete_),
      [this](const auto& kept, auto done) { engine_->policies().Delete(kept, kPrincipal, std::move(done)); },
      [](bool) {});
}

grpc::ServerUnaryReactor* CancelPolicyService::ExplainCancelPolicy(
    grpc::CallbackServerContext*, const v1::ExplainCancelPolicyRequest* request,
    v1::ExplainCancelPolicyResponse* response) {
  return new SlowReactor<v1::ExplainCancelPolicyRequest, v1::ExplainCancelPolicyResponse>(
      &engine_->slow_lane(), *request, RpcCount(metrics_, explain_),
      [this](const auto& kept, auto done) { done(engine_->Explain(kept)); },
      [response](v1::ExplainCancelPolicyResponse answer) { *response = std::move(answer); });
}

}  // namespace adieu::api
