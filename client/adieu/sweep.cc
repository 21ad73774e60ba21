#include <algorithm>
#include <utility>

#include "client/adieu/backoff.h"
#include "client/adieu/client.h"
#include "client/adieu/pause.h"
#include "client/adieu/request_id.h"
#include "client/adieu/stream.h"

namespace adieu::client {
namespace {

// How long the server may take to notice that an earlier stream of the sweep was closed.
constexpr std::chrono::seconds kNotice{1};

bool IsRunning(const Error& error) { return error.reason == "SWEEP_RUNNING"; }

bool MayContinue(const Error& error, bool begun) {
  switch (error.code) {
    case grpc::StatusCode::UNAVAILABLE:
      // What a server that stops leaves undone, no other one can continue.
      return error.reason != "SHUTTING_DOWN" || !begun;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return true;
    case grpc::StatusCode::ABORTED:
      return IsRunning(error);
    default:
      return false;
  }
}

}  // namespace

Result<v1::ApplyCancelPolicyResponse> Client::ApplyCancelPolicy(v1::ApplyCancelPolicyRequest request,
                                                                const OnProgress& on_progress,
                                                                std::stop_token stop) const {
  using Clock = std::chrono::steady_clock;
  if (request.request_id().empty() && !request.validate_only()) request.set_request_id(NewRequestId());
  auto give_up = Clock::now() + options_.deadline;
  v1::ApplyCancelPolicyResponse last;
  Backoff backoff;
  // As long as no stream of this client broke, another one runs it.
  auto noticed = Clock::now() + kNotice;
  while (!stop.stop_requested()) {
    Stream<v1::ApplyCancelPolicyResponse> stream(
        *calls_, &v1::CallControlService::Stub::PrepareAsyncApplyCancelPolicy, request, stop);
    bool heard = false;
    v1::ApplyCancelPolicyResponse response;
    const bool open = stream.Open(options_.deadline);
    while (open && stream.Read(response, options_.sweep_silence)) {
      heard = true;
      const bool go_on = on_progress(response);
      last = std::move(response);
      last.clear_terminations();
      request.set_sweep(last.sweep());
      if (!go_on) {
        stream.Leave();
        stream.Finish();
        return last;
      }
    }
    const grpc::Status status = stream.Finish();
    if (stop.stop_requested() || (status.ok() && heard)) break;
    if (heard) {
      give_up = Clock::now() + options_.deadline;
      backoff.Reset();
    }
    const Error error = status.ok()
                            ? Error{.code = grpc::StatusCode::UNAVAILABLE, .message = "the stream was empty"}
                            : FromStatus(status);
    if (!MayContinue(error, !request.sweep().empty())) return error;
    if (!IsRunning(error)) noticed = Clock::time_point::max();
    const auto pause = backoff.Next(error);
    if (Clock::now() + pause >= std::min(give_up, noticed)) return error;
    if (!Pause(pause, stop)) break;
  }
  return last;
}

}  // namespace adieu::client
