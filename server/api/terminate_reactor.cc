#include "server/api/terminate_reactor.h"

#include <utility>

#include "server/api/status.h"
#include "server/engine/errors.h"

namespace adieu::api {

TerminateReactor::TerminateReactor(const grpc::CallbackServerContext& context,
                                   const v1::TerminateCallRequest& request, v1::Termination* response,
                                   const std::string& principal, engine::Engine* engine, RpcCount count)
    : response_(response), deadline_(context.deadline()), count_(count) {
  link_->reactor = this;
  const auto link = link_;
  ticket_ = engine->terminator().Terminate(request, principal, deadline_,
                                           [link](base::Result<v1::Termination> result) {
                                             if (!link->finished.exchange(true))
                                               link->reactor->Answer(std::move(result));
                                           });
  if (!ticket_ && !link->finished.exchange(true)) Answer(engine::QueueFull());
}

// Comes after the constructor: gRPC does not know the reactor before.
void TerminateReactor::OnCancel() {
  if (ticket_) ticket_->Cancel();
  if (link_->finished.exchange(true)) return;
  const bool late = std::chrono::system_clock::now() >= deadline_;
  FinishWith(late ? grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "the client's deadline passed")
                  : grpc::Status(grpc::StatusCode::CANCELLED, "the client went away"));
}

void TerminateReactor::Answer(base::Result<v1::Termination> result) {
  if (result.ok()) {
    *response_ = std::move(*result);
    FinishWith(grpc::Status::OK);
  } else {
    FinishWith(ToStatus(result.error()));
  }
}

void TerminateReactor::FinishWith(const grpc::Status& status) {
  count_.Handled(status.error_code());
  Finish(status);
}

}  // namespace adieu::api
