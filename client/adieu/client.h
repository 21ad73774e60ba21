#pragma once

#include <grpcpp/channel.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "adieu/v1/call_control_service.grpc.pb.h"
#include "adieu/v1/cancel_policy_service.grpc.pb.h"
#include "client/adieu/result.h"
#include "client/adieu/security.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace adieu::client {

using ServingStatus = grpc::health::v1::HealthCheckResponse::ServingStatus;

struct Options {
  // How long one operation may take, its pages and retries included. For a watch and a sweep: how long it
  // tries to get a stream that says anything before it gives up. Must be positive.
  std::chrono::milliseconds deadline{10'000};
  // A watch takes a stream for broken when nothing came for this long. The server shows life every 30 s.
  std::chrono::milliseconds watch_silence{90'000};
  // The same for a sweep. The server shows progress every second.
  std::chrono::milliseconds sweep_silence{15'000};
};

// Talks to one server. Every method blocks its caller until the answer, an error or the deadline.
// Thread-safe: any thread may call any method at any time. Owned by the application; destroy it after the
// last method returned.
class Client {
 public:
  // Told each change, on the thread that called WatchCalls. False ends the watch. Must not throw.
  using OnChange = std::function<bool(const v1::WatchCallsResponse&)>;
  // Told where a sweep stands, on the thread that called ApplyCancelPolicy. False stops it. Must not throw.
  using OnProgress = std::function<bool(const v1::ApplyCancelPolicyResponse&)>;

  // A client of the server at `host:port` (`[address]:port` for IPv6), in plaintext and without a token
  // unless `security` says otherwise. Connects with the first operation; an address that leads nowhere, and a
  // server whose certificate is not the right one, is that operation's UNAVAILABLE.
  static Client Connect(const std::string& address, Options options = {}, const Security& security = {});

  Client(std::shared_ptr<grpc::Channel> channel, Options options);

  // All pages as one response; next_page_token is empty. The resume_token is that of the first page: a watch
  // from there misses nothing. page_size is how many to ask for at once, zero means 1000; page_token is where
  // to begin.
  Result<v1::ListCallsResponse> ListCalls(v1::ListCallsRequest request) const;

  Result<v1::Call> GetCall(const std::string& name) const;

  // Follows the calls until `on_change` returns false or `stop` is requested (then no error), or until it
  // cannot go on. A stream that breaks, falls silent, or is ended by the server is taken up again at the last
  // resume_token. OUT_OF_RANGE (RESUME_TOKEN_EXPIRED): changes may have been missed, list again.
  std::optional<Error> WatchCalls(v1::WatchCallsRequest request, const OnChange& on_change,
                                  std::stop_token stop = {}) const;

  // Ends a call. This and the other methods that write make a request_id when there is none, and ask again
  // after UNAVAILABLE and after a RESOURCE_EXHAUSTED that passes: after RetryInfo's delay, else after 100 ms,
  // doubling to 2 s, as long as the deadline allows.
  Result<v1::Termination> TerminateCall(v1::TerminateCallRequest request) const;

  // Ends every call that matches, until all is done, or until `on_progress` returns false or `stop` is
  // requested: what was ordered is carried out then, and the rest is left alone. The answer is the last
  // message, without terminations. Makes a request_id when there is none, and with it goes on after
  // UNAVAILABLE, a stream that falls silent, and TOO_MANY_SWEEPS, for as long as the deadline allows without
  // a word of the server; never on a server that lost the sweep (SWEEP_NOT_FOUND). SWEEP_RUNNING is waited
  // for too: for 1 s, or when a stream broke until the server knows it. What became known while there was no
  // stream is not told: ListTerminations has it.
  Result<v1::ApplyCancelPolicyResponse> ApplyCancelPolicy(v1::ApplyCancelPolicyRequest request,
                                                          const OnProgress& on_progress,
                                                          std::stop_token stop = {}) const;

  // All pages as one response; next_page_token is empty. Paging as in ListCalls.
  Result<v1::ListTerminationsResponse> ListTerminations(v1::ListTerminationsRequest request) const;

  // All pages as one response, in the order in which the policies are asked. Paging as in ListCalls.
  Result<v1::ListCancelPoliciesResponse> ListCancelPolicies(v1::ListCancelPoliciesRequest request) const;

  // `name` is `cancelPolicies/{cancel_policy}`.
  Result<v1::CancelPolicy> GetCancelPolicy(const std::string& name) const;

  // Retried as TerminateCall.
  Result<v1::CancelPolicy> CreateCancelPolicy(v1::CreateCancelPolicyRequest request) const;
  Result<v1::CancelPolicy> UpdateCancelPolicy(v1::UpdateCancelPolicyRequest request) const;
  // Nothing: it is gone, or with validate_only could be.
  std::optional<Error> DeleteCancelPolicy(v1::DeleteCancelPolicyRequest request) const;

  Result<v1::ExplainCancelPolicyResponse> ExplainCancelPolicy(
      const v1::ExplainCancelPolicyRequest& request) const;

  // grpc.health.v1. The empty service is readiness, `adieu.live` liveness. NOT_FOUND: no such service.
  Result<ServingStatus> CheckHealth(const std::string& service) const;

 private:
  // Of an operation that begins now.
  std::chrono::system_clock::time_point NewDeadline() const {
    return std::chrono::system_clock::now() + options_.deadline;
  }

  Options options_;
  std::unique_ptr<v1::CallControlService::Stub> calls_;
  std::unique_ptr<v1::CancelPolicyService::Stub> policies_;
  std::unique_ptr<grpc::health::v1::Health::Stub> health_;
};

}  // namespace adieu::client
