#include <utility>

#include "client/adieu/backoff.h"
#include "client/adieu/client.h"
#include "client/adieu/pause.h"
#include "client/adieu/stream.h"

namespace adieu::client {
namespace {

bool MayResume(grpc::StatusCode code) {
  return code == grpc::StatusCode::OK || code == grpc::StatusCode::UNAVAILABLE ||
         code == grpc::StatusCode::RESOURCE_EXHAUSTED;
}

}  // namespace

std::optional<Error> Client::WatchCalls(v1::WatchCallsRequest request, const OnChange& on_change,
                                        std::stop_token stop) const {
  using Clock = std::chrono::steady_clock;
  auto give_up = Clock::now() + options_.deadline;
  Backoff backoff;
  while (!stop.stop_requested()) {
    Stream<v1::WatchCallsResponse> stream(*calls_, &v1::CallControlService::Stub::PrepareAsyncWatchCalls,
                                          request, stop);
    v1::WatchCallsResponse response;
    const bool open = stream.Open(options_.deadline);
    bool heard = false;
    while (open && stream.Read(response, options_.watch_silence)) {
      if (!on_change(response)) {
        stream.Leave();
        stream.Finish();
        return std::nullopt;
      }
      if (!response.resume_token().empty()) request.set_resume_token(response.resume_token());
      heard = true;
    }
    const grpc::Status status = stream.Finish();
    if (stop.stop_requested()) break;
    if (heard) {
      give_up = Clock::now() + options_.deadline;
      backoff.Reset();
    }
    Error error = FromStatus(status);
    if (!MayResume(error.code)) return error;
    if (status.ok()) error = {.code = grpc::StatusCode::UNAVAILABLE, .message = "the server ended the watch"};
    const auto pause = backoff.Next(error);
    if (Clock::now() + pause >= give_up) return error;
    if (!Pause(pause, stop)) break;
  }
  return std::nullopt;
}

}  // namespace adieu::client
