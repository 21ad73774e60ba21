#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_context.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adieu/v1/call_control_service.grpc.pb.h"
#include "adieu/v1/cancel_policy_service.grpc.pb.h"
#include "client/adieu/result.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace adieu::client {

// A server in this process on a free port of loopback that answers as its hooks say and keeps what it was
// asked. Set the hooks before the first request; they run on gRPC's threads. Without a hook the answer is
// UNIMPLEMENTED.
class FakeServer {
 public:
  using Writer = grpc::ServerWriter<v1::WatchCallsResponse>;
  using SweepWriter = grpc::ServerWriter<v1::ApplyCancelPolicyResponse>;

  std::function<grpc::Status(const v1::ListCallsRequest&, v1::ListCallsResponse*)> list_calls;
  std::function<grpc::Status(const v1::GetCallRequest&, v1::Call*)> get_call;
  // `attempt` counts from zero.
  std::function<grpc::Status(int attempt, const v1::WatchCallsRequest&, grpc::ServerContext*, Writer*)>
      watch_calls;
  std::function<grpc::Status(int attempt, const v1::TerminateCallRequest&, v1::Termination*)> terminate_call;
  std::function<grpc::Status(const v1::ListTerminationsRequest&, v1::ListTerminationsResponse*)>
      list_terminations;
  std::function<grpc::Status(int attempt, const v1::ApplyCancelPolicyRequest&, grpc::ServerContext*,
                             SweepWriter*)>
      apply_cancel_policy;
  std::function<grpc::Status(const v1::ListCancelPoliciesRequest&, v1::ListCancelPoliciesResponse*)>
      list_policies;
  std::function<grpc::Status(const v1::GetCancelPolicyRequest&, v1::CancelPolicy*)> get_policy;
  std::function<grpc::Status(int attempt, const v1::CreateCancelPolicyRequest&, v1::CancelPolicy*)>
      create_policy;
  std::function<grpc::Status(int attempt, const v1::UpdateCancelPolicyRequest&, v1::CancelPolicy*)>
      update_policy;
  std::function<grpc::Status(int attempt, const v1::DeleteCancelPolicyRequest&)> delete_policy;
  std::function<grpc::Status(const v1::ExplainCancelPolicyRequest&, v1::ExplainCancelPolicyResponse*)>
      explain_policy;
  // By service; others are NOT_FOUND.
  std::map<std::string, grpc::health::v1::HealthCheckResponse::ServingStatus> health;

  ~FakeServer();

  // Where it listens.
  const std::string& address();

  // What was asked so far.
  std::vector<v1::ListCallsRequest> ListCallsRequests() const { return calls_.lists.Get(); }
  std::vector<v1::WatchCallsRequest> WatchCallsRequests() const { return calls_.watches.Get(); }
  std::vector<v1::TerminateCallRequest> TerminateCallRequests() const { return calls_.terminates.Get(); }
  std::vector<v1::ApplyCancelPolicyRequest> ApplyCancelPolicyRequests() const { return calls_.sweeps.Get(); }
  std::vector<v1::ListTerminationsRequest> ListTerminationsRequests() const {
    return calls_.terminations.Get();
  }
  std::vector<v1::ListCancelPoliciesRequest> ListPoliciesRequests() const { return policies_.lists.Get(); }
  std::vector<v1::CreateCancelPolicyRequest> CreatePolicyRequests() const { return policies_.creates.Get(); }
  std::vector<v1::UpdateCancelPolicyRequest> UpdatePolicyRequests() const { return policies_.updates.Get(); }
  std::vector<v1::DeleteCancelPolicyRequest> DeletePolicyRequests() const { return policies_.deletes.Get(); }
  std::vector<v1::ExplainCancelPolicyRequest> ExplainPolicyRequests() const {
    return policies_.explains.Get();
  }

 private:
  template <typename Request>
  class Log {
   public:
    // Returns how many were there before.
    int Add(const Request& request) {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
      return static_cast<int>(requests_.size()) - 1;
    }
    std::vector<Request> Get() const {
      const std::lock_guard lock(mutex_);
      return requests_;
    }

   private:
    mutable std::mutex mutex_;
    std::vector<Request> requests_;  // guarded by mutex_
  };

  class Calls : public v1::CallControlService::Service {
   public:
    explicit Calls(FakeServer& server) : server_(server) {}
    grpc::Status ListCalls(grpc::ServerContext*, const v1::ListCallsRequest*,
                           v1::ListCallsResponse*) override;
    grpc::Status GetCall(grpc::ServerContext*, const v1::GetCallRequest*, v1::Call*) override;
    grpc::Status WatchCalls(grpc::ServerContext*, const v1::WatchCallsRequest*, Writer*) override;
    grpc::Status TerminateCall(grpc::ServerContext*, const v1::TerminateCallRequest*,
                               v1::Termination*) override;
    grpc::Status ListTerminations(grpc::ServerContext*, const v1::ListTerminationsRequest*,
                                  v1::ListTerminationsResponse*) override;
    grpc::Status ApplyCancelPolicy(grpc::ServerContext*, const v1::ApplyCancelPolicyRequest*,
                                   SweepWriter*) override;

    Log<v1::ListCallsRequest> lists;
    Log<v1::WatchCallsRequest> watches;
    Log<v1::TerminateCallRequest> terminates;
    Log<v1::ListTerminationsRequest> terminations;
    Log<v1::ApplyCancelPolicyRequest> sweeps;

   private:
    FakeServer& server_;
  };

  class Policies : public v1::CancelPolicyService::Service {
   public:
    explicit Policies(FakeServer& server) : server_(server) {}
    grpc::Status ListCancelPolicies(grpc::ServerContext*, const v1::ListCancelPoliciesRequest*,
                                    v1::ListCancelPoliciesResponse*) override;
    grpc::Status GetCancelPolicy(grpc::ServerContext*, const v1::GetCancelPolicyRequest*,
                                 v1::CancelPolicy*) override;
    grpc::Status CreateCancelPolicy(grpc::ServerContext*, const v1::CreateCancelPolicyRequest*,
                                    v1::CancelPolicy*) override;
    grpc::Status UpdateCancelPolicy(grpc::ServerContext*, const v1::UpdateCancelPolicyRequest*,
                                    v1::CancelPolicy*) override;
    grpc::Status DeleteCancelPolicy(grpc::ServerContext*, const v1::DeleteCancelPolicyRequest*,
                                    google::protobuf::Empty*) override;
    grpc::Status ExplainCancelPolicy(grpc::ServerContext*, const v1::ExplainCancelPolicyRequest*,
                                     v1::ExplainCancelPolicyResponse*) override;

    Log<v1::ListCancelPoliciesRequest> lists;
    Log<v1::CreateCancelPolicyRequest> creates;
    Log<v1::UpdateCancelPolicyRequest> updates;
    Log<v1::DeleteCancelPolicyRequest> deletes;
    Log<v1::ExplainCancelPolicyRequest> explains;

   private:
    FakeServer& server_;
  };

  class Health : public grpc::health::v1::Health::Service {
   public:
    explicit Health(FakeServer& server) : server_(server) {}
    grpc::Status Check(grpc::ServerContext*, const grpc::health::v1::HealthCheckRequest*,
                       grpc::health::v1::HealthCheckResponse*) override;

   private:
    FakeServer& server_;
  };

  Calls calls_{*this};
  Policies policies_{*this};
  Health health_{*this};
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

// Keeps a stream open until the client has left it, 30 s at most.
void HoldUntilCancelled(grpc::ServerContext* context);

// The status that the server makes of an error, google.rpc details included.
grpc::Status Refusal(const Error& error);

}  // namespace adieu::client
