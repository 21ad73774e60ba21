#include "server/api/call_control_service.h"

#include <utility>

#include "server/api/apply_policy_reactor.h"
#include "server/api/reply.h"
#include "server/api/terminate_reactor.h"
#include "server/api/watch_reactor.h"

namespace adieu::api {
namespace {

Method Find(const char* method, metrics::Metrics* metrics) {
  return FindMethod(v1::CallControlService::service_full_name(), method, metrics);
}

}  // namespace

CallControlService::CallControlService(engine::Engine* engine, access::Door* door, metrics::Metrics* metrics)
    : engine_(engine),
      door_(door),
      metrics_(metrics),
      list_calls_(Find("ListCalls", metrics)),
      get_call_(Find("GetCall", metrics)),
      watch_calls_(Find("WatchCalls", metrics)),
      list_terminations_(Find("ListTerminations", metrics)),
      terminate_call_(Find("TerminateCall", metrics)),
      apply_cancel_policy_(Find("ApplyCancelPolicy", metrics)) {}

grpc::ServerUnaryReactor* CallControlService::ListCalls(grpc::CallbackServerContext* context,
                                                        const v1::ListCallsRequest* request,
                                                        v1::ListCallsResponse* response) {
  return Reply(
      context, Begin(list_calls_, *context, *request), [&] { return engine_->List(*request); }, response);
}

grpc::ServerUnaryReactor* CallControlService::GetCall(grpc::CallbackServerContext* context,
                                                      const v1::GetCallRequest* request, v1::Call* response) {
  return Reply(
      context, Begin(get_call_, *context, *request), [&] { return engine_->Get(*request); }, response);
}

grpc::ServerWriteReactor<v1::WatchCallsResponse>* CallControlService::WatchCalls(
    grpc::CallbackServerContext* context, const v1::WatchCallsRequest* request) {
  return new WatchReactor(*request, engine_, Begin(watch_calls_, *context, *request));
}

grpc::ServerUnaryReactor* CallControlService::ListTerminations(grpc::CallbackServerContext* context,
                                                               const v1::ListTerminationsRequest* request,
                                                               v1::ListTerminationsResponse* response) {
  return Reply(
      context, Begin(list_terminations_, *context, *request),
      [&] { return engine_->ListTerminations(*request); }, response);
}

grpc::ServerUnaryReactor* CallControlService::TerminateCall(grpc::CallbackServerContext* context,
                                                            const v1::TerminateCallRequest* request,
                                                            v1::Termination* response) {
  return new TerminateReactor(*context, *request, response, engine_,
                              Begin(terminate_call_, *context, *request));
}

grpc::ServerWriteReactor<v1::ApplyCancelPolicyResponse>* CallControlService::ApplyCancelPolicy(
    grpc::CallbackServerContext* context, const v1::ApplyCancelPolicyRequest* request) {
  return new ApplyPolicyReactor(*request, engine_, Begin(apply_cancel_policy_, *context, *request));
}

}  // namespace adieu::api
