#pragma once

#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "server/api/rpc.h"
#include "server/base/error.h"
#include "server/engine/errors.h"
#include "server/engine/slow_lane.h"

namespace adieu::api {

// One unary RPC that is carried out on the slow lane. Finishes when it is answered, or at once when it is not
// let in or the client goes away: work that was not begun is then dropped, and what was begun is carried out
// without an answer. RESOURCE_EXHAUSTED (QUEUE_FULL) when the lane is full. Deletes itself.
template <typename Request, typename Answer, typename Response = Answer>
class SlowReactor : public grpc::ServerUnaryReactor {
 public:
  // Called once, on any thread.
  using Done = std::function<void(base::Result<Answer>)>;
  // On the lane.
  using Work = std::function<void(const Request&, Done)>;

  // The answer becomes the response, when that is of the same type.
  SlowReactor(engine::SlowLane* lane, const Request& request, Response* response, Rpc rpc, Work work)
      : rpc_(std::move(rpc)), response_(response) {
    link_->reactor = this;
    if (rpc_.refusal()) {
      link_->finished = true;
      Finish(rpc_.Fail(*rpc_.refusal()));
      return;
    }
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
    Finish(rpc_.Leave(grpc::StatusCode::CANCELLED, "the client went away or its deadline passed"));
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
    if (!result->ok()) return Finish(rpc_.Fail(result->error()));
    if constexpr (std::is_same_v<Answer, Response>) {
      *response_ = std::move(**result);
      rpc_.Mask(response_);
    }
    Finish(rpc_.Succeed(*response_));
  }

  const Rpc rpc_;
  Response* const response_;
  const std::shared_ptr<Link> link_ = std::make_shared<Link>();
};

}  // namespace adieu::api
