#include "server/api/watch_reactor.h"

#include <utility>

namespace adieu::api {

WatchReactor::WatchReactor(const v1::WatchCallsRequest& request, engine::Engine* engine, Rpc rpc)
    : rpc_(std::move(rpc)) {
  const auto link = link_;
  link->reactor = this;
  std::optional<base::Error> refusal = rpc_.refusal() ? rpc_.refusal() : rpc_.TakeWatch();
  base::Result<std::shared_ptr<engine::Watcher>> watcher =
      refusal ? *std::move(refusal) : engine->watch().Open(request, [link] { Pump(link); });
  if (!watcher.ok()) {
    link->finished = true;
    Finish(rpc_.Fail(watcher.error()));
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
    auto next = link->cancelled ? engine::Watcher::Next::kEnd : link->watcher->Take(&link->response, &error);
    if (next == engine::Watcher::Next::kResponse && (error = reactor->rpc_.Expired())) {
      next = engine::Watcher::Next::kEnd;
    }
    if (next == engine::Watcher::Next::kNothing) return;
    if (next == engine::Watcher::Next::kResponse) {
      link->busy = true;
      reactor->rpc_.Mask(&link->response);
    } else {
      link->finished = true;
      link->watcher->Close();
      ended = std::move(link->watcher);
      if (error) {
        end = reactor->rpc_.Fail(*error);
      } else if (link->cancelled) {
        end = reactor->rpc_.Leave(grpc::StatusCode::CANCELLED, "the client went away");
      } else {
        end = reactor->rpc_.Succeed(link->response);
      }
    }
  }
  // Without the lock: gRPC may call back from in here.
  if (end) {
    reactor->Finish(*end);
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

}  // namespace adieu::api
