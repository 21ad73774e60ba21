#include "server/api/apply_policy_reactor.h"

#include <optional>
#include <utility>

#include "server/engine/errors.h"

namespace adieu::api {

using Next = engine::SweepStream::Next;

ApplyPolicyReactor::ApplyPolicyReactor(const v1::ApplyCancelPolicyRequest& request, engine::Engine* engine,
                                       Rpc rpc)
    : rpc_(std::move(rpc)) {
  const auto link = link_;
  link->reactor = this;
  if (rpc_.refusal()) {
    link->finished = true;
    Finish(rpc_.Fail(*rpc_.refusal()));
    return;
  }
  auto open = [link, request, principal = rpc_.principal(), engine] {
    Open(link, request, principal, engine);
  };
  // Compiling one may take long.
  if (!request.has_inline_policy()) {
    open();
  } else if (!engine->slow_lane().Submit(std::move(open))) {
    link->finished = true;
    Finish(rpc_.Fail(engine::QueueFull()));
  }
}

void ApplyPolicyReactor::Open(const std::shared_ptr<Link>& link, const v1::ApplyCancelPolicyRequest& request,
                              const std::string& principal, engine::Engine* engine) {
  {
    std::lock_guard lock(link->mutex);
    if (link->finished) return;
  }
  auto stream = engine->sweeps().Open(request, principal, [link] { Pump(link); });
  bool gone = false;
  {
    std::lock_guard lock(link->mutex);
    gone = link->finished;
    if (!gone && stream.ok()) link->stream = *stream;
    if (!stream.ok()) link->finished = true;
  }
  if (stream.ok() && gone) {
    (*stream)->Close();
  } else if (stream.ok()) {
    Pump(link);
  } else if (!gone) {
    link->reactor->Finish(link->reactor->rpc_.Fail(stream.error()));
  }
}

void ApplyPolicyReactor::Pump(std::shared_ptr<Link> link) {
  ApplyPolicyReactor* reactor = nullptr;
  // Link and sweep hold each other: a stream that ends lets go of its sweep, without the lock.
  std::shared_ptr<engine::SweepStream> ended;
  std::optional<grpc::Status> end;
  {
    std::lock_guard lock(link->mutex);
    if (link->busy || link->finished || (!link->stream && !link->cancelled)) return;
    reactor = link->reactor;
    std::optional<base::Error> error;
    Next next = link->cancelled ? Next::kEnd : link->stream->Take(&link->response, &error);
    if (next == Next::kResponse && (error = reactor->rpc_.Expired())) next = Next::kEnd;
    if (next == Next::kNothing) return;
    if (next == Next::kResponse) {
      link->busy = true;
      reactor->rpc_.Began(link->response.sweep());
      reactor->rpc_.Mask(&link->response);
    } else {
      link->finished = true;
      ended = std::move(link->stream);
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
    if (ended) ended->Close();
    reactor->Finish(*end);
  } else {
    reactor->StartWrite(&link->response);
  }
}

void ApplyPolicyReactor::OnWriteDone(bool ok) {
  const auto link = link_;
  {
    std::lock_guard lock(link->mutex);
    link->busy = false;
  }
  if (!ok) Leave(link);
  Pump(link);
}

void ApplyPolicyReactor::OnCancel() {
  const auto link = link_;
  Leave(link);
  Pump(link);
}

void ApplyPolicyReactor::Leave(const std::shared_ptr<Link>& link) {
  std::shared_ptr<engine::SweepStream> stream;
  {
    std::lock_guard lock(link->mutex);
    link->cancelled = true;
    stream = link->stream;
  }
  if (stream) stream->Close();
}

}  // namespace adieu::api
