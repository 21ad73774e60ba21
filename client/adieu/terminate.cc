#include <thread>
#include <utility>

#include "client/adieu/ask.h"
#include "client/adieu/backoff.h"
#include "client/adieu/client.h"
#include "client/adieu/request_id.h"

namespace adieu::client {
namespace {

bool MayRetry(const Error& error) {
  return error.code == grpc::StatusCode::UNAVAILABLE || error.code == grpc::StatusCode::RESOURCE_EXHAUSTED;
}

}  // namespace

Result<v1::Termination> Client::TerminateCall(v1::TerminateCallRequest request) const {
  if (request.request_id().empty() && !request.validate_only()) request.set_request_id(NewRequestId());
  const Deadline deadline = std::chrono::system_clock::now() + options_.deadline;
  Backoff backoff;
  while (true) {
    auto answer = Ask(*calls_, &v1::CallControlService::Stub::TerminateCall, request, deadline);
    if (answer.ok() || !MayRetry(answer.error())) return answer;
    const auto pause = backoff.Next(answer.error());
    if (std::chrono::system_clock::now() + pause >= deadline) return answer;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace adieu::client
