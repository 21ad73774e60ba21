#pragma once

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <mutex>
#include <optional>

#include "adieu/v1/call_control_service.pb.h"
#include "server/api/rpc.h"
#include "server/engine/engine.h"

namespace adieu::api {

// One WatchCalls stream: takes from its watcher, one write at a time. Finishes when it is not let in or no
// longer may be, when the watcher ends, or when the client goes away and no write is under way. Deletes
// itself.
class WatchReactor : public grpc::ServerWriteReactor<v1::WatchCallsResponse> {
 public:
  WatchReactor(const v1::WatchCallsRequest& request, engine::Engine* engine, Rpc rpc);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override { delete this; }

 private:
  // Shared with the watcher's bell, which may ring when the reactor is gone. The reactor lives while `busy`
  // or until whoever set `finished` has called Finish.
  struct Link {
    std::mutex mutex;
    // Guarded by mutex.
    WatchReactor* reactor;
    // Null once `finished`.
    std::shared_ptr<engine::Watcher> watcher;
    bool busy = false;
    bool cancelled = false;
    bool finished = false;
    // Belongs to the write while `busy`.
    v1::WatchCallsResponse response;
  };

  static void Pump(std::shared_ptr<Link> link);

  Rpc rpc_;
  const std::shared_ptr<Link> link_ = std::make_shared<Link>();
};

}  // namespace adieu::api
