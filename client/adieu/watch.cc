#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>

#include "client/adieu/backoff.h"
#include "client/adieu/client.h"

namespace adieu::client {
namespace {

using std::chrono::milliseconds;

// How long the status of a stream that is over may take.
constexpr milliseconds kFinishLimit{10'000};

// One WatchCalls stream, used by one thread; `stop` may be requested by any other. One operation is
// outstanding at a time, so a silent server can be left at the limit.
class Stream {
 public:
  Stream(v1::CallControlService::Stub& stub, const v1::WatchCallsRequest& request,
         const std::stop_token& stop)
      : cancel_(stop, [this] { context_.TryCancel(); }),
        reader_(stub.PrepareAsyncWatchCalls(&context_, request, &queue_)) {}

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
  bool Open(milliseconds limit) {
    reader_->StartCall(this);
    return Wait(limit);
  }
  bool Read(v1::WatchCallsResponse& response, milliseconds limit) {
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
  bool Wait(milliseconds limit) {
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
  std::unique_ptr<grpc::ClientAsyncReader<v1::WatchCallsResponse>> reader_;
};

bool MayResume(grpc::StatusCode code) {
  return code == grpc::StatusCode::OK || code == grpc::StatusCode::UNAVAILABLE ||
         code == grpc::StatusCode::RESOURCE_EXHAUSTED;
}

// False: `stop` was requested meanwhile.
bool Pause(milliseconds pause, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, pause, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace

std::optional<Error> Client::WatchCalls(v1::WatchCallsRequest request, const OnChange& on_change,
                                        std::stop_token stop) const {
  using Clock = std::chrono::steady_clock;
  auto give_up = Clock::now() + options_.deadline;
  Backoff backoff;
  while (!stop.stop_requested()) {
    Stream stream(*calls_, request, stop);
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
