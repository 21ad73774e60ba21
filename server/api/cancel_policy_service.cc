#include "server/api/cancel_policy_service.h"

#include <string>
#include <utility>

#include "server/api/reply.h"
#include "server/api/slow_reactor.h"

namespace adieu::api {
namespace {

using google::protobuf::Empty;

Method Find(const char* method, metrics::Metrics* metrics) {
  return FindMethod(v1::CancelPolicyService::service_full_name(), method, metrics);
}

}  // namespace

CancelPolicyService::CancelPolicyService(engine::Engine* engine, access::Door* door,
                                         metrics::Metrics* metrics)
    : engine_(engine),
      door_(door),
      metrics_(metrics),
      list_(Find("ListCancelPolicies", metrics)),
      get_(Find("GetCancelPolicy", metrics)),
      create_(Find("CreateCancelPolicy", metrics)),
      update_(Find("UpdateCancelPolicy", metrics)),
      delete_(Find("DeleteCancelPolicy", metrics)),
      explain_(Find("ExplainCancelPolicy", metrics)) {}

grpc::ServerUnaryReactor* CancelPolicyService::ListCancelPolicies(
    grpc::CallbackServerContext* context, const v1::ListCancelPoliciesRequest* request,
    v1::ListCancelPoliciesResponse* response) {
  return Reply(
      context, Begin(list_, *context, *request), [&] { return engine_->policies().List(*request); },
      response);
}

grpc::ServerUnaryReactor* CancelPolicyService::GetCancelPolicy(grpc::CallbackServerContext* context,
                                                               const v1::GetCancelPolicyRequest* request,
                                                               v1::CancelPolicy* response) {
  return Reply(
      context, Begin(get_, *context, *request), [&] { return engine_->policies().Get(*request); }, response);
}

grpc::ServerUnaryReactor* CancelPolicyService::CreateCancelPolicy(
    grpc::CallbackServerContext* context, const v1::CreateCancelPolicyRequest* request,
    v1::CancelPolicy* response) {
  Rpc rpc = Begin(create_, *context, *request);
  auto work = [this, who = rpc.principal()](const auto& kept, auto done) {
    engine_->policies().Create(kept, who, std::move(done));
  };
  return new SlowReactor<v1::CreateCancelPolicyRequest, v1::CancelPolicy>(
      &engine_->slow_lane(), *request, response, std::move(rpc), std::move(work));
}

grpc::ServerUnaryReactor* CancelPolicyService::UpdateCancelPolicy(
    grpc::CallbackServerContext* context, const v1::UpdateCancelPolicyRequest* request,
    v1::CancelPolicy* response) {
  Rpc rpc = Begin(update_, *context, *request);
  auto work = [this, who = rpc.principal()](const auto& kept, auto done) {
    engine_->policies().Update(kept, who, std::move(done));
  };
  return new SlowReactor<v1::UpdateCancelPolicyRequest, v1::CancelPolicy>(
      &engine_->slow_lane(), *request, response, std::move(rpc), std::move(work));
}

grpc::ServerUnaryReactor* CancelPolicyService::DeleteCancelPolicy(
    grpc::CallbackServerContext* context, const v1::DeleteCancelPolicyRequest* request, Empty* response) {
  Rpc rpc = Begin(delete_, *context, *request);
  auto work = [this, who = rpc.principal()](const auto& kept, auto done) {
    engine_->policies().Delete(kept, who, std::move(done));
  };
  return new SlowReactor<v1::DeleteCancelPolicyRequest, bool, Empty>(
      &engine_->slow_lane(), *request, response, std::move(rpc), std::move(work));
}

grpc::ServerUnaryReactor* CancelPolicyService::ExplainCancelPolicy(
    grpc::CallbackServerContext* context, const v1::ExplainCancelPolicyRequest* request,
    v1::ExplainCancelPolicyResponse* response) {
  return new SlowReactor<v1::ExplainCancelPolicyRequest, v1::ExplainCancelPolicyResponse>(
      &engine_->slow_lane(), *request, response, Begin(explain_, *context, *request),
      [this](const auto& kept, auto done) { done(engine_->Explain(kept)); });
}

}  // namespace adieu::api
