#include "tests/bench/loadgen/listing.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "adieu/v1/call_control_service.grpc.pb.h"
#include "tests/bench/loadgen/clock.h"

namespace adieu::bench {
namespace {

constexpr int kPageSize = 1000;
constexpr auto kDeadline = std::chrono::seconds(20);

}  // namespace

Listing ListRinging(const std::shared_ptr<grpc::Channel>& channel, const std::string& run) {
  const auto stub = v1::CallControlService::NewStub(channel);
  v1::ListCallsRequest request;
  request.set_page_size(kPageSize);
  request.mutable_match()->set_state(v1::CALL_STATE_RINGING);
  Listing listing;
  const int64_t begin = Now();
  do {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kDeadline);
    v1::ListCallsResponse page;
    const grpc::Status status = stub->ListCalls(&context, request, &page);
    if (!status.ok()) {
      std::fprintf(stderr, "ListCalls: %s\n", status.error_message().c_str());
      break;
    }
    listing.calls += static_cast<size_t>(std::count_if(
        page.calls().begin(), page.calls().end(),
        [&](const v1::Call& call) { return call.caller().sip_call_id().find(run) != std::string::npos; }));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  listing.seconds = static_cast<double>(Now() - begin) / kSecond;
  return listing;
}

}  // namespace adieu::bench
