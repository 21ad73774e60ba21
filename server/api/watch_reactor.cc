#include "server/api/watch_reactor.h"

#include <utility>

#include "server/api/status.h"

namespace adieu::api {

WatchReactor::WatchReactor(const v1::WatchCallsRequest& request, engine::Engine* engine, RpcCount count)
    : count_(count) {
  const auto link = link_;
  link->reactor = this;
  base::Result<std::shared_ptr<engine::Watcher>> watcher =
      engine->watch().Open(request, [link] { Pump(link); });
  if (!watcher.ok()) {
    link->finished = true;
    FinishWith(ToStatus(watcher.error()));
    return;
  }
  link->watcher = std::move(*watcher);
  Pump(link);
}

void WatchReactor::Pump(std::shared_ptr<Link> link) {
  WatchReactor* reactor = nullptr;
  // Link and watcher hold each other: a stream that ends lets go of its watcher, without the lock.
  std::shared_ptr<engine::Watcher> ended;
  std::optional<grpc::Status> end;
  {
    std::lock_guard lock(link->mutex);
    if (link->busy || link->finished) return;
    reactor = link->reactor;
    std::optional<base::Error> error;
    const auto next =
        link->cancelled ? engine::Watcher::Next::kEnd : link->watcher->Take(&link->response, &error);
    if (next == engine::Watcher::Next::kNothing) return;
    if (next == engine::Watcher::Next::kResponse) {
      link->busy = true;
    } else {
      link->finished = true;
      link->watcher->Close();
      ended = std::move(link->watcher);
      if (error) {
        end = ToStatus(*error);
      } else if (link->cancelled) {
        end = grpc::Status(grpc::StatusCode::CANCELLED, "the client went away");
      } else {
        end = grpc::Status::OK;
      }
    }
  }
  // Without the lock: gRPC may call back from in here.
  if (end) {
    reactor->FinishWith(*end);
  } else {
    reactor->StartWrite(&link->response);
  }
}

void WatchReactor::OnWriteDone(bool ok) {
  const auto link = link_;
  {
    std::lock_guard lock(link->mutex);
    link->busy = false;
    if (!ok) link->cancelled = true;
  }
  Pump(link);
}

void WatchReactor::OnCancel() {
  const auto link = link_;
  {
    std::lock_guard lock(link->mutex);
    link->cancelled = true;
  }
  Pump(link);
}

void WatchReactor::FinishWith(const grpc::Status& status) {
  count_.Handled(status.error_code());
  Finish(status);
}

}  // namespace adieu::api
