#pragma once

#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "server/api/rpc_count.h"
#include "server/api/status.h"
#include "server/base/error.h"

namespace adieu::api {

// One RPC that changes a policy. Finishes when the book answers, or at once when the client goes away: the
// change is then made without an answer. Deletes itself.
template <typename T>
class PolicyWriteReactor : public grpc::ServerUnaryReactor {
 public:
  using Done = std::function<void(base::Result<T>)>;

  // `begin` asks the book; `take` puts what it answers into the response.
  PolicyWriteReactor(RpcCount count, const std::function<void(Done)>& begin, std::function<void(T)> take)
      : count_(count), take_(std::move(take)) {
    link_->reactor = this;
    begin([link = link_](base::Result<T> result) {
      if (!link->finished.exchange(true)) link->reactor->Answer(std::move(result));
    });
  }

  void OnCancel() override {
    if (link_->finished.exchange(true)) return;
    FinishWith(grpc::Status(grpc::StatusCode::CANCELLED, "the client went away or its deadline passed"));
  }
  void OnDone() override { delete this; }

 private:
  // Shared with the book, whose answer may come after the reactor is gone. Who sets `finished` may use the
  // reactor once more, to finish it.
  struct Link {
    std::atomic<bool> finished{false};
    PolicyWriteReactor* reactor = nullptr;
  };

  void Answer(base::Result<T> result) {
    if (!result.ok()) return FinishWith(ToStatus(result.error()));
    take_(std::move(*result));
    FinishWith(grpc::Status::OK);
  }
  void FinishWith(const grpc::Status& status) {
    count_.Handled(status.error_code());
    Finish(status);
  }

  const RpcCount count_;
  const std::function<void(T)> take_;
  const std::shared_ptr<Link> link_ = std::make_shared<Link>();
};

}  // namespace adieu::api
