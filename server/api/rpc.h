#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "server/access/door.h"
#include "server/api/audit.h"
#include "server/api/method.h"
#include "server/base/error.h"
#include "server/metrics/metrics.h"

namespace adieu::api {

// Who asks for one RPC and whether it may; counts it, masks its answers, and puts it on record when it
// changes something. Every answer is given through one of these, so that no method is served without. Belongs
// to the RPC; the context, the method, the door and the metrics must outlive it. Its methods: one thread at a
// time.
class Rpc {
 public:
  // Asks the door.
  Rpc(const Method& method, access::Door* door, metrics::Metrics* metrics,
      const grpc::CallbackServerContext& context, const google::protobuf::Message& request);

  // Why it is not served: then nothing may be done, and the answer is Fail with it.
  const std::optional<base::Error>& refusal() const { return refusal_; }

  // Only without a refusal.
  const std::string& principal() const { return caller_.principal; }

  // For a stream, before it tells more: the error when the credentials have run out, or are no longer good.
  std::optional<base::Error> Expired();

  // Takes one of the watches that the client may have, until the Rpc goes. The error: it has all of them.
  std::optional<base::Error> TakeWatch();

  // Hides what the caller may not see.
  void Mask(google::protobuf::Message* response) const;

  // What it began, for the record if it does not succeed: the name of a sweep.
  void Began(const std::string& result) { result_ = result; }

  // How it ended: exactly one of these, once.
  grpc::Status Succeed(const google::protobuf::Message& response) const;
  grpc::Status Fail(const base::Error& error) const;
  // The client went away, or its deadline passed.
  grpc::Status Leave(grpc::StatusCode code, const char* message) const;

 private:
  std::optional<base::Error> Judge(const google::protobuf::Message& request);
  void End(grpc::StatusCode code, const std::string& result, const base::Error* error) const;

  const Method* method_;
  access::Door* door_;
  metrics::Metrics* metrics_;
  const grpc::CallbackServerContext* context_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  // Of the door, when the caller was last let in.
  uint64_t changes_;
  // Where requests of the client are counted.
  std::string address_;
  std::string client_;
  bool known_ = false;
  access::Caller caller_;
  std::unique_ptr<access::ClientCounts::Ticket> watch_;
  // Absent: it changes nothing.
  std::optional<Change> change_;
  std::string result_;
  std::optional<base::Error> refusal_;
};

}  // namespace adieu::api
