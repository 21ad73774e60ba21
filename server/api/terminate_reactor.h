#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "adieu/v1/call_control_service.pb.h"
#include "server/api/rpc.h"
#include "server/engine/engine.h"

namespace adieu::api {

// One TerminateCall. Finishes when the engine answers, or at once when it is not let in or the client goes
// away: then work that was not begun is dropped, and what was begun is carried out without an answer. Deletes
// itself.
class TerminateReactor : public grpc::ServerUnaryReactor {
 public:
  TerminateReactor(const grpc::CallbackServerContext& context, const v1::TerminateCallRequest& request,
                   v1::Termination* response, engine::Engine* engine, Rpc rpc);

  void OnCancel() override;
  void OnDone() override { delete this; }

 private:
  // Shared with the engine, whose answer may come after the reactor is gone. Who sets `finished` may use the
  // reactor once more, to finish it.
  struct Link {
    std::atomic<bool> finished{false};
    TerminateReactor* reactor;
  };

  void Answer(base::Result<v1::Termination> result);

  v1::Termination* const response_;
  const std::chrono::system_clock::time_point deadline_;
  Rpc rpc_;
  const std::shared_ptr<Link> link_ = std::make_shared<Link>();
  std::shared_ptr<engine::Ticket> ticket_;
};

}  // namespace adieu::api
