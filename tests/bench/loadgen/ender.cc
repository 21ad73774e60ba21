#include "tests/bench/loadgen/ender.h"

#include <chrono>
#include <utility>

#include "tests/bench/loadgen/clock.h"

namespace adieu::bench {
namespace {

constexpr auto kDeadline = std::chrono::seconds(20);

}  // namespace

struct Ender::Request {
  size_t index = 0;
  grpc::ClientContext context;
  v1::Termination termination;
  grpc::Status status;
  std::unique_ptr<grpc::ClientAsyncResponseReader<v1::Termination>> reader;
};

Ender::Ender(std::shared_ptr<grpc::Channel> channel, CallRecords& records,
             std::function<void(size_t)> answered)
    : stub_(v1::CallControlService::NewStub(channel)),
      records_(records),
      answered_(std::move(answered)),
      thread_(&Ender::Run, this) {}

Ender::~Ender() {
  queue_.Shutdown();
  thread_.join();
}

void Ender::Start(size_t index, const std::string& sip_call_id) {
  v1::TerminateCallRequest message;
  message.set_sip_call_id(sip_call_id);
  message.set_intent(v1::INTENT_BUSY);
  auto request = std::make_unique<Request>();
  request->index = index;
  request->context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  if (records_[index].asked == 0) records_[index].asked = Now();
  request->reader = stub_->AsyncTerminateCall(&request->context, message, &queue_);
  Request* tag = request.release();
  tag->reader->Finish(&tag->termination, &tag->status, tag);
}

void Ender::Run() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
    const std::unique_ptr<Request> request(static_cast<Request*>(tag));
    CallRecord& record = records_[request->index];
    if (record.replied == 0) record.reply_code = request->status.error_code();
    record.replied = Now();
    answered_(request->index);
  }
}

}  // namespace adieu::bench
