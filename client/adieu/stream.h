#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/support/async_stream.h>

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>

namespace adieu::client {

// One stream of responses, used by one thread; `stop` may be requested by any other, and ends it. One
// operation is outstanding at a time, so a silent server can be left at the limit.
template <typename Response>
class Stream {
 public:
  using Reader = std::unique_ptr<grpc::ClientAsyncReader<Response>>;

  // `prepare`: the stub's PrepareAsync method.
  template <typename Stub, typename Request>
  Stream(Stub& stub, Reader (Stub::*prepare)(grpc::ClientContext*, const Request&, grpc::CompletionQueue*),
         const Request& request, const std::stop_token& stop)
      : cancel_(stop, [this] { context_.TryCancel(); }),
        reader_((stub.*prepare)(&context_, request, &queue_)) {}

  ~Stream() {
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // False: the stream ended or was left, Finish() says why.
  bool Open(std::chrono::milliseconds limit) {
    reader_->StartCall(this);
    return Wait(limit);
  }
  bool Read(Response& response, std::chrono::milliseconds limit) {
    reader_->Read(&response, this);
    return Wait(limit);
  }
  // Leaves a stream that goes on. Finish() comes next.
  void Leave() { context_.TryCancel(); }
  // The last call.
  grpc::Status Finish() {
    grpc::Status status;
    reader_->Finish(&status, this);
    Wait(kFinishLimit);
    return silent_ ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server fell silent") : status;
  }

 private:
  // How long the status of a stream that is over may take.
  static constexpr std::chrono::milliseconds kFinishLimit{10'000};

  bool Wait(std::chrono::milliseconds limit) {
    void* tag = nullptr;
    bool ok = false;
    if (queue_.AsyncNext(&tag, &ok, std::chrono::system_clock::now() + limit) ==
        grpc::CompletionQueue::NextStatus::TIMEOUT) {
      silent_ = true;
      context_.TryCancel();
      queue_.Next(&tag, &ok);
      return false;
    }
    return ok;
  }

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  bool silent_ = false;
  std::stop_callback<std::function<void()>> cancel_;
  Reader reader_;
};

}  // namespace adieu::client
