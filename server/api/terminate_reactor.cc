#include "server/api/terminate_reactor.h"

#include <utility>

#include "server/engine/errors.h"

namespace adieu::api {

TerminateReactor::TerminateReactor(const grpc::CallbackServerContext& context,
                                   const v1::TerminateCallRequest& request, v1::Termination* response,
                                   engine::Engine* engine, Rpc rpc)
    : response_(response), deadline_(context.deadline()), rpc_(std::move(rpc)) {
  link_->reactor = this;
  if (rpc_.refusal()) {
    link_->finished = true;
    Answer(*rpc_.refusal());
    return;
  }
  const auto link = link_;
  ticket_ = engine->terminator().Terminate(request, rpc_.principal(), deadline_,
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
  Finish(late ? rpc_.Leave(grpc::StatusCode::DEADLINE_EXCEEDED, "the client's deadline passed")
              : rpc_.Leave(grpc::StatusCode::CANCELLED, "the client went away"));
}

void TerminateReactor::Answer(base::Result<v1::Termination> result) {
  if (!result.ok()) return Finish(rpc_.Fail(result.error()));
  *response_ = std::move(*result);
  rpc_.Mask(response_);
  Finish(rpc_.Succeed(*response_));
}

}  // namespace adieu::api
