#include "server/api/rpc.h"

#include <utility>

#include "server/access/denial.h"
#include "server/api/credentials.h"
#include "server/api/personal_match.h"
#include "server/api/status.h"
#include "server/base/mask.h"

namespace adieu::api {

using google::protobuf::Message;
using metrics::ApiDenial;

Rpc::Rpc(const Method& method, access::Door* door, metrics::Metrics* metrics,
         const grpc::CallbackServerContext& context, const Message& request)
    : method_(&method), door_(door), metrics_(metrics), context_(&context), changes_(door->changes()) {
  metrics_->RpcStarted(method.metric);
  refusal_ = Judge(request);
  if (known_ && method.changes) change_ = ChangeOf(request);
}

std::optional<base::Error> Rpc::Judge(const Message& request) {
  const access::Credentials credentials = CredentialsOf(*context_);
  address_ = credentials.address;
  auto caller = door_->Enter(credentials);
  if (!caller.ok()) return caller.error();
  known_ = true;
  caller_ = *std::move(caller);
  client_ = ClientOf(caller_, credentials);
  const v1::Role least = method_->least_role;
  if (least == v1::ROLE_UNSPECIFIED || caller_.role < least) return door_->RefuseRole(caller_, least);
  if (caller_.role > v1::ROLE_VIEWER) return std::nullopt;
  const auto field = FindPersonalMatch(request);
  if (!field) return std::nullopt;
  base::Error error = door_->Refuse(ApiDenial::kPersonalMatch, caller_.principal);
  error.message = *field + ": " + error.message;
  error.metadata["field"] = *field;
  return error;
}

std::optional<base::Error> Rpc::Expired() {
  const uint64_t changes = door_->changes();
  if (changes == changes_ && std::chrono::system_clock::now() < caller_.end) return std::nullopt;
  auto caller = door_->Reenter(CredentialsOf(*context_), caller_);
  if (!caller.ok()) return caller.error();
  changes_ = changes;
  caller_ = *std::move(caller);
  if (caller_.role < method_->least_role) return door_->RefuseRole(caller_, method_->least_role);
  return std::nullopt;
}

std::optional<base::Error> Rpc::TakeWatch() {
  watch_ = door_->EnterWatch(client_);
  if (watch_ != nullptr) return std::nullopt;
  return door_->Refuse(ApiDenial::kTooManyWatchers, caller_.principal);
}

void Rpc::Mask(Message* response) const {
  if (caller_.role <= v1::ROLE_VIEWER) base::MaskPersonal(response);
}

grpc::Status Rpc::Succeed(const Message& response) const {
  const std::string result = change_ ? ResultOf(response) : "";
  End(grpc::StatusCode::OK, result.empty() ? result_ : result, nullptr);
  return grpc::Status::OK;
}

grpc::Status Rpc::Fail(const base::Error& error) const {
  End(static_cast<grpc::StatusCode>(error.code), result_, &error);
  return ToStatus(error);
}

grpc::Status Rpc::Leave(grpc::StatusCode code, const char* message) const {
  const base::Error error{.code = static_cast<absl::StatusCode>(code), .message = message};
  End(code, result_, &error);
  return {code, message};
}

void Rpc::End(grpc::StatusCode code, const std::string& result, const base::Error* error) const {
  metrics_->RpcHandled(method_->metric, static_cast<absl::StatusCode>(code),
                       std::chrono::steady_clock::now() - begin_);
  if (change_) Audit(method_->name, caller_, address_, *change_, result, error);
}

}  // namespace adieu::api
