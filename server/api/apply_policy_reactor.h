#pragma once

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <mutex>
#include <string>

#include "adieu/v1/call_control_service.pb.h"
#include "server/api/rpc.h"
#include "server/engine/engine.h"

namespace adieu::api {

// One ApplyCancelPolicy stream: takes from its sweep, one write at a time. Finishes when it is not let in,
// when the sweep ends, or when the client no longer may or goes away, which stops the sweep at once, and no
// write is under way. Deletes itself.
class ApplyPolicyReactor : public grpc::ServerWriteReactor<v1::ApplyCancelPolicyResponse> {
 public:
  ApplyPolicyReactor(const v1::ApplyCancelPolicyRequest& request, engine::Engine* engine, Rpc rpc);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override { delete this; }

 private:
  // Shared with the sweep's bell, which may ring when the reactor is gone. The reactor lives while `busy` or
  // until whoever set `finished` has called Finish.
  struct Link {
    std::mutex mutex;
    // Guarded by mutex.
    ApplyPolicyReactor* reactor;
    // Null before it is open and once `finished`.
    std::shared_ptr<engine::SweepStream> stream;
    bool busy = false;
    bool cancelled = false;
    bool finished = false;
    // Belongs to the write while `busy`.
    v1::ApplyCancelPolicyResponse response;
  };

  // On gRPC's thread, or on the slow lane.
  static void Open(const std::shared_ptr<Link>& link, const v1::ApplyCancelPolicyRequest& request,
                   const std::string& principal, engine::Engine* engine);
  static void Pump(std::shared_ptr<Link> link);
  // The client is gone: no further call is ordered.
  static void Leave(const std::shared_ptr<Link>& link);

  Rpc rpc_;
  const std::shared_ptr<Link> link_ = std::make_shared<Link>();
};

}  // namespace adieu::api
