#pragma once

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "adieu/v1/call_control_service.grpc.pb.h"
#include "tests/bench/loadgen/call_record.h"

namespace adieu::bench {

// Ends calls by Call-ID with INTENT_BUSY (486), one TerminateCall each, without waiting for one before the
// next. Its own thread takes the answers. The destructor waits for them; each comes within the RPC's deadline
// of 20 s. A call that is asked for again keeps the time and the answer of its first request.
class Ender {
 public:
  // `answered` is called on the Ender's thread when the answer is in the record.
  Ender(std::shared_ptr<grpc::Channel> channel, CallRecords& records, std::function<void(size_t)> answered);
  ~Ender();

  // From any thread.
  void Start(size_t index, const std::string& sip_call_id);

 private:
  struct Request;
  void Run();

  std::unique_ptr<v1::CallControlService::Stub> stub_;
  CallRecords& records_;
  std::function<void(size_t)> answered_;
  grpc::CompletionQueue queue_;
  std::thread thread_;
};

}  // namespace adieu::bench
