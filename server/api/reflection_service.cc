#include "server/api/reflection_service.h"

#include <grpcpp/support/server_callback.h>

#include <utility>

#include "server/api/reflection_answer.h"
#include "server/api/rpc.h"

namespace adieu::api {
namespace {

using grpc::reflection::v1alpha::ServerReflection;
using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;

// One stream: reads a question, writes its answer, and so on. One operation is always under way, and fails
// when the client goes away. Deletes itself.
class ReflectionReactor : public grpc::ServerBidiReactor<ServerReflectionRequest, ServerReflectionResponse> {
 public:
  ReflectionReactor(const std::vector<std::string>& services, Rpc rpc)
      : services_(services), rpc_(std::move(rpc)) {
    if (rpc_.refusal()) {
      Finish(rpc_.Fail(*rpc_.refusal()));
    } else {
      StartRead(&request_);
    }
  }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(rpc_.Succeed(response_));
    if (const auto error = rpc_.Expired()) return Finish(rpc_.Fail(*error));
    response_ = AnswerOf(request_, services_);
    StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(rpc_.Leave(grpc::StatusCode::CANCELLED, "the client went away"));
    StartRead(&request_);
  }
  void OnDone() override { delete this; }

 private:
  const std::vector<std::string>& services_;
  Rpc rpc_;
  ServerReflectionRequest request_;
  ServerReflectionResponse response_;
};

}  // namespace

ReflectionService::ReflectionService(std::vector<std::string> services, access::Door* door,
                                     metrics::Metrics* metrics)
    : services_(std::move(services)),
      door_(door),
      metrics_(metrics),
      method_(FindMethod(ServerReflection::service_full_name(), "ServerReflectionInfo", metrics)) {
  // Its schema, which is not ours, cannot say so.
  method_.least_role = v1::ROLE_VIEWER;
  services_.push_back(ServerReflection::service_full_name());
}

grpc::ServerBidiReactor<ServerReflectionRequest, ServerReflectionResponse>*
ReflectionService::ServerReflectionInfo(grpc::CallbackServerContext* context) {
  return new ReflectionReactor(services_, Rpc(method_, door_, metrics_, *context, ServerReflectionRequest()));
}

}  // namespace adieu::api
