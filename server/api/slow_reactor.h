#pragma once

#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "server/api/rpc_count.h"
#include "server/api/status.h"
#include "server/base/error.h"
#include "server/engine/errors.h"
#include "server/engine/slow_lane.h"

namespace adieu::api {

// One unary RPC that is carried out on the slow lane. Finishes when it is answered, or at once when the
// client goes away: work that was not begun is then dropped, and what was begun is carried out without an
// answer. RESOURCE_EXHAUSTED (QUEUE_FULL) when the lane is full. Deletes itself.
template <typename Request, typename Answer>
class SlowReactor : public grpc::ServerUnaryReactor {
 public:
  // Called once, on any thread.
  using Done = std::function<void(base::Result<Answer>)>;
  // On the lane.
  using Work = std::function<void(const Request&, Done)>;
  // Puts the answer into the response.
  using Take = std::function<void(Answer)>;

  SlowReactor(engine::SlowLane* lane, const Request& request, RpcCount count, Work work, Take take)
      : count_(count), take_(std::move(take)) {
    link_->reactor = this;
    const Done done = [link = link_](base::Result<Answer> result) {
      if (!link->finished.exchange(true)) link->reactor->Reply(&result);
    };
    // gRPC's own request goes with the reactor, which a client that goes away ends.
    const bool taken = lane->Submit(
        [link = link_, kept = std::make_shared<const Request>(request), work = std::move(work), done] {
          if (!link->finished) work(*kept, done);
        });
    if (!taken) done(engine::QueueFull());
  }

  void OnCancel() override {
    if (link_->finished.exchange(true)) return;
    FinishWith(grpc::Status(grpc::StatusCode::CANCELLED, "the client went away or its deadline passed"));
  }
  void OnDone() override { delete this; }

 private:
  // Shared with the work, whose answer may come after the reactor is gone. Who sets `finished` may use the
  // reactor once more, to finish it.
  struct Link {
    std::atomic<bool> finished{false};
    SlowReactor* reactor = nullptr;
  };

  void Reply(base::Result<Answer>* result) {
    if (!result->ok()) return FinishWith(ToStatus(result->error()));
    take_(std::move(**result));
    FinishWith(grpc::Status::OK);
  }
  void FinishWith(const grpc::Status& status) {
    count_.Handled(status.error_code());
    Finish(status);
  }

  const RpcCount count_;
  const Take take_;
  const std::shared_ptr<Link> link_ = std::make_shared<Link>();
};

}  // namespace adieu::api
