#pragma once

#include <thread>

#include "client/adieu/ask.h"
#include "client/adieu/backoff.h"
#include "client/adieu/request_id.h"

namespace adieu::client {

// Whether the same request may get another answer: nobody was there, or the server has no room for now. A
// RESOURCE_EXHAUSTED with a reason and without RetryInfo is a limit (TOO_MANY_POLICIES).
inline bool MayAskAgain(const Error& error) {
  return error.code == grpc::StatusCode::UNAVAILABLE ||
         (error.code == grpc::StatusCode::RESOURCE_EXHAUSTED && (error.retry_after || error.reason.empty()));
}

// One unary RPC that writes. Makes a request_id when there is none, so that asking twice does no more than
// asking once, and asks again while MayAskAgain() and the deadline allow.
template <typename Response, typename Stub, typename Request>
Result<Response> AskAgain(Stub& stub,
                          grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                          Request request, Deadline deadline) {
  if (request.request_id().empty() && !request.validate_only()) request.set_request_id(NewRequestId());
  Backoff backoff;
  while (true) {
    auto answer = Ask(stub, method, request, deadline);
    if (answer.ok() || !MayAskAgain(answer.error())) return answer;
    const auto pause = backoff.Next(answer.error());
    if (std::chrono::system_clock::now() + pause >= deadline) return answer;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace adieu::client
